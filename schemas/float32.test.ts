import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shortestFloat32 } from './float32.ts';

const cases: readonly (readonly [number, string])[] = [
  [0.1, '0.1'],
  [-0.1, '-0.1'],
  [1 / 3, '0.33333334'],
  [16_777_216, '16777216'],
  [123_456_789, '123456790'],
  [3.402_823_466_385_288_6e38, '3.4028235e+38'],
  [1.175_494_350_822_287_5e-38, '1.1754944e-38'],
  [1.401_298_464_324_817e-45, '1e-45'],
  [12.99, '12.99'],
  [0.000_123, '0.000123'],
  [0, '0'],
];

for (const [value, text] of cases) {
  test(`prints float32 ${text}`, () => assert.equal(String(shortestFloat32(Math.fround(value))), text));
}

const digitsOf = (value: number): number => value.toExponential().replace(/e.*$/, '').replaceAll(/[-.]/g, '').length;

test('rounds back to the same float32, and no shorter decimal does', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const shortest = shortestFloat32(value);
      assert.equal(Math.fround(shortest), value);
      const fewer = digitsOf(shortest) - 1;
      if (fewer > 0) assert.notEqual(Math.fround(Number(value.toPrecision(fewer))), value);
    }),
    { numRuns: 20_000 },
  );
});

test('a text of up to six digits comes back as it was written', () => {
  const decimal = fc.tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: -20, max: 20 }));
  fc.assert(
    fc.property(decimal, ([digits, exponent]) => {
      const written = Number(`${digits}e${exponent}`);
      assert.equal(shortestFloat32(Math.fround(written)), written === 0 ? 0 : written);
    }),
    { numRuns: 20_000 },
  );
});
