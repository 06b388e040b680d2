import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../byte-writer.ts';
import { writeInt64, writeNumber } from './number-text.ts';

const out = new ByteWriter();
function textOf(write: () => void): string {
  out.begin(0);
  write();
  return Buffer.from(out.finish()).toString();
}
const near = (value: number): number[] => [value - 1, value, value + 1, value / 100, -value, -value / 100];
const edges = [0, -0, 10, 100, 2 ** 31, 2 ** 31 / 100, 2 ** 32, 2 ** 53, 1e21, 1e-7, 0.005, 21_474_836.47].flatMap(
  near,
);

test('numbers get the text that JSON.stringify gives them', () => {
  const cents = fc.integer().map((value) => value / 100);
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    cents,
    fc.integer(),
    fc.maxSafeInteger(),
  );
  const check = (value: number) =>
    assert.equal(
      textOf(() => writeNumber(out, value)),
      JSON.stringify(value),
    );
  for (const value of edges) check(value);
  fc.assert(fc.property(number, check), { numRuns: 20_000 });
});

test('int64 get all their digits', () => {
  const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer().map(BigInt));
  const check = (value: bigint) =>
    assert.equal(
      textOf(() => writeInt64(out, value)),
      value.toString(),
    );
  for (const value of [0n, -(2n ** 31n), 2n ** 31n, 2n ** 31n - 1n, 2n ** 53n + 1n]) check(value);
  fc.assert(fc.property(int64, check), { numRuns: 5_000 });
});
