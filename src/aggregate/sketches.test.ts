// What the sketches promise, against exact values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../schemas/types.ts';
import { AGGREGATE_RULES } from './aggregate-rules.ts';
import type { AggregateRow, Outcome } from './algebra.ts';
import { place } from './hyperloglog.ts';
import { bucketMiddle, bucketOf, rankOf } from './quantile-sketch.ts';

const ROW: AggregateRow = { eventMicros: 0n, createdMicros: null, position: null, by: null };
const WINDOW = { startMicros: null, endMicros: 1n };

function approximate(name: 'approx_count_distinct' | 'approx_percentile', values: Iterable<Value>, p = 0.5): Outcome {
  const { family, finalize } = AGGREGATE_RULES[name].algebra({ type: 'float64', n: null, p, hopMicros: null });
  const state = family.create();
  for (const value of values) family.add(state, value, ROW);
  return finalize(state, WINDOW);
}

function* numbers(count: number, first: number): Generator<number> {
  for (let i = 0; i < count; i += 1) yield first + i;
}

/** 1.04 / sqrt(2^14). */
const STANDARD_ERROR = 0.008125;

test('approx_count_distinct: small counts are exact, and great ones within four standard errors', () => {
  for (const count of [0, 1, 2, 3, 10, 50])
    assert.equal(approximate('approx_count_distinct', numbers(count, 0)), BigInt(count));
  const errors: number[] = [];
  for (const count of [100, 1000, 4000, 5000, 16384, 41000, 60000, 82000, 200_000]) {
    for (const first of [0, 1e6]) {
      const got = Number(approximate('approx_count_distinct', numbers(count, first)));
      errors.push((got - count) / count);
      assert.ok(Math.abs(got - count) <= 4 * STANDARD_ERROR * count, `${got} of ${count}`);
    }
  }
  const bias = errors.reduce((all, error) => all + error, 0) / errors.length;
  assert.ok(Math.abs(bias) < STANDARD_ERROR, `on average off by ${bias}`);
});

test('approx_count_distinct: values that come again count once', () => {
  const twice = [...numbers(3000, 0), ...numbers(3000, 0)];
  assert.equal(approximate('approx_count_distinct', twice), approximate('approx_count_distinct', numbers(3000, 0)));
});

test('approx_count_distinct: index and rank of a hash', () => {
  const cases = {
    ffffffffffffffff: [16383, 1],
    '0003000000000000': [0, 1],
    '0001000000000000': [0, 2],
    '0000000100000000': [0, 18],
    '0000000080000000': [0, 19],
    '0000000000000001': [0, 50],
    '0004000000000000': [1, 51],
  };
  for (const [hex, want] of Object.entries(cases)) assert.deepEqual(place(Buffer.from(hex, 'hex')), want, hex);
});

/** Numbers of every size and sign, from one seed. */
function* spread(count: number): Generator<number> {
  let state = 12345;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const unit = state / 2 ** 32;
    yield i % 11 === 0 ? 0 : (i % 3 === 0 ? -1 : 1) * 10 ** (unit * 40 - 20);
  }
}

test('approx_percentile: within 1 % of the value at the rank', () => {
  for (const count of [1, 2, 3, 10, 99, 1000]) {
    const values = [...spread(count)];
    const sorted = values.toSorted((a, b) => a - b);
    for (const p of [0.001, 0.07, 0.25, 0.5, 0.95, 0.999]) {
      const exact = sorted[rankOf(p, count) - 1] as number;
      const got = approximate('approx_percentile', values, p) as number;
      assert.ok(Math.abs(got - exact) <= 0.0079 * Math.abs(exact), `p ${p} of ${count}: ${got}, exactly ${exact}`);
    }
  }
});

test('approx_percentile: ranks', () => {
  const ranks = [
    rankOf(0.07, 100),
    rankOf(0.5, 4),
    rankOf(0.5, 5),
    rankOf(0.001, 10),
    rankOf(0.999, 10),
    rankOf(0.3, 10),
  ];
  assert.deepEqual(ranks, [7, 2, 3, 1, 10, 3]);
});

test('approx_percentile: buckets order as numbers do, and the middle lies in its bucket', () => {
  const edges = [5e-324, 2 ** -1022, 1e-300, 1, 1 + 1 / 64, 1.5, 2, 100, 1e300, Number.MAX_VALUE];
  const sorted = [...edges.map((x) => -x).reverse(), 0, ...edges];
  const buckets = sorted.map(bucketOf);
  assert.deepEqual(
    buckets,
    buckets.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(buckets).size, sorted.length);
  for (const bucket of buckets) assert.equal(bucketOf(bucketMiddle(bucket)), bucket);
  assert.equal(bucketMiddle(bucketOf(1)), 1 + 1 / 128);
});
