// approx_percentile: values counted in buckets whose bounds follow from the bits of a float64, so that no engine needs a
// logarithm for them. A bucket is all numbers of one sign, one exponent and one upper six bits of the mantissa:
//
//   bucket(0) = 0,  bucket(x) = 1 + floor(bits(x) / 2^46) for x > 0,  bucket(-x) = -bucket(x)
//
// The value of a bucket is its middle. A bucket that begins at b is at most b/64 wide, so its middle is off by at most b/128:
// 0.79 %, below the 1 % that is promised. (Below 2.3e-308, where floats lose digits, by at most 2^-1029.)
//
//   bytes   uvarint n, then by bucket: varint the first bucket, or uvarint the distance to the one before; uvarint count
import type { Value } from '../../schemas/types.ts';
import { float64, rule } from './aggregate-rule.ts';
import { type Algebra, type AlgebraInput, type Family, keepAll, listOf, tiled } from './algebra.ts';
import { float64Bits, fromFloat64Bits } from './canonical-bytes.ts';

export const WIDTH_BITS = 46n;
export const HALF_WIDTH = 1n << 45n;

/** Bucket → how many values. */
export interface QuantileSketch {
  readonly counts: Map<number, number>;
}

export function bucketOf(number: number): number {
  if (number === 0) return 0;
  const bucket = 1 + Number(float64Bits(Math.abs(number)) >> WIDTH_BITS);
  return number < 0 ? -bucket : bucket;
}

export function bucketMiddle(bucket: number): number {
  if (bucket === 0) return 0;
  const middle = fromFloat64Bits((BigInt(Math.abs(bucket) - 1) << WIDTH_BITS) + HALF_WIDTH);
  return bucket < 0 ? -middle : middle;
}

/**
 * Which of `count` values in order is the percentile, from 1: the least rank that is at least p × count. In float64, in this
 * form, because p × count alone can come out a hair above a whole number (0.07 × 100).
 */
export const rankOf = (p: number, count: number): number => Math.max(1, count - Math.floor(count - p * count));

const inOrder = ({ counts }: QuantileSketch): (readonly [bucket: number, count: number])[] =>
  [...counts].sort(([a], [b]) => a - b);

function percentile(state: QuantileSketch, p: number): number | null {
  let count = 0;
  for (const some of state.counts.values()) count += some;
  if (count === 0) return null;
  let left = rankOf(p, count);
  for (const [bucket, some] of inOrder(state)) {
    left -= some;
    if (left <= 0) return bucketMiddle(bucket);
  }
  return null;
}

const count = ({ counts }: QuantileSketch, bucket: number, some: number): void => {
  counts.set(bucket, (counts.get(bucket) ?? 0) + some);
};

const buckets: Family<QuantileSketch> = {
  kind: 'quantiles',
  scope: 'tile',
  trim: keepAll,
  create: () => ({ counts: new Map() }),
  isEmpty: ({ counts }) => counts.size === 0,
  add: (state, value: Value) => count(state, bucketOf(Number(value)), 1),
  merge: (state, { counts }) => {
    for (const [bucket, some] of counts) count(state, bucket, some);
  },
  write: (state, out) => {
    out.uvarint(state.counts.size);
    let before: number | null = null;
    for (const [bucket, some] of inOrder(state)) {
      if (before === null) out.varint(BigInt(bucket));
      else out.uvarint(bucket - before);
      out.uvarint(some);
      before = bucket;
    }
  },
  read: (state, bytes) => {
    let before: number | null = null;
    for (let left = bytes.count(2); left > 0; left -= 1) {
      before = before === null ? Number(bytes.varint()) : before + bytes.uvarint();
      count(state, before, bytes.uvarint());
    }
  },
  load: (state, [buckets, counts]) => {
    for (const [i, bucket] of listOf(buckets).entries()) count(state, Number(bucket), Number(listOf(counts)[i]));
  },
};

const percentiles = ({ p }: AlgebraInput): Algebra<QuantileSketch> =>
  tiled(buckets, (state) => percentile(state, p ?? 0.5));

export const approxPercentile = rule('numeric', float64, {
  parameter: 'p',
  algebra: percentiles,
});
