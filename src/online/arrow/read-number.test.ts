// Digits read without the engine name the double that the engine reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readNumber } from './read-number.ts';

function read(text: string): number {
  const bytes = Buffer.from(`,${text},`);
  return readNumber(bytes, 1, bytes.length - 1);
}

/** Where it cannot vouch for a text it says so. */
function assertRight(text: string): void {
  const found = read(text);
  if (!Number.isNaN(found)) assert.equal(found, Number(text) + 0, text);
}

const finite = { noNaN: true, noDefaultInfinity: true } as const;
const digits = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((list) => list.join(''));

test('texts of doubles', () => {
  fc.assert(
    fc.property(fc.double(finite), (value) => assertRight(JSON.stringify(value))),
    { numRuns: 5000 },
  );
  for (const size of [1, 1000, 1e17])
    fc.assert(
      fc.property(fc.double({ min: -size, max: size, noNaN: true }), (value) => assertRight(JSON.stringify(value))),
    );
});

test('digits in any number, with and without a point', () => {
  fc.assert(
    fc.property(fc.boolean(), digits(20), fc.option(digits(20)), (isNegative, whole, fraction) =>
      assertRight(`${isNegative ? '-' : ''}${BigInt(whole)}${fraction === null ? '' : `.${fraction}`}`),
    ),
    { numRuns: 5000 },
  );
});

test('the middle between two doubles, and its neighbours', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
      fc.integer({ min: 0, max: 8 }),
      (mantissa, shift) => {
        const middle = (mantissa * 2n + 1n) << BigInt(shift);
        for (const near of [middle - 1n, middle, middle + 1n]) assertRight(String(near));
        // (2m + 1) / 2 and (2m + 1) / 4, which have one and two digits behind the point.
        assertRight(`${mantissa}.5`);
        assertRight(`${mantissa >> 1n}.${(mantissa & 1n) === 0n ? '25' : '75'}`);
      },
    ),
    { numRuns: 2000 },
  );
});

test('what features mostly are is read here: counts, amounts, random doubles', () => {
  const texts = fc.oneof(
    fc.maxSafeInteger().map(String),
    fc.integer().map((cents) => String(cents / 100)),
    fc.double({ min: 0.001, max: 1_000_000, noNaN: true }).map(String),
  );
  fc.assert(
    fc.property(texts, (text) => assert.equal(read(text), Number(text))),
    { numRuns: 2000 },
  );
  assert.ok(Object.is(read('0'), 0));
});

test('anything else is left to the engine', () => {
  for (const text of ['1e5', '1.5e-7', 'null', '"1"', '1.2.3', '0x10', '', '-', '1.', '1'.repeat(30)])
    assert.ok(Number.isNaN(read(text)), text);
});
