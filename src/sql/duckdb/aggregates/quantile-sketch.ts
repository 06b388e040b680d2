// The quantile sketch in DuckDB's SQL, bit for bit that of src/aggregate/quantile-sketch.ts: buckets order as numbers do, so the
// bucket at a rank is the discrete quantile of the buckets, by DuckDB's rule of ranks, which is ours.
import { HALF_WIDTH, WIDTH_BITS } from '../../../aggregate/quantile-sketch.ts';
import { float64Bits } from './canonical.ts';
import { double } from './let.ts';
import { type AggregatePrinter, only, plain, type Typed } from './printer.ts';

/** INTEGER; null for null. */
export function bucketOf({ x }: Typed): string {
  const number = `CAST(${x} AS DOUBLE)`;
  return `CAST(sign(${number}) * (1 + (${float64Bits(`abs(${number})`)} >> ${WIDTH_BITS})) AS INTEGER)`;
}

const middleOf = (bucket: string): string =>
  `CASE WHEN ${bucket} = 0 THEN 0e0 ELSE sign(${bucket}) * CAST(CAST(CAST(abs(${bucket}) - 1 AS BIGINT) * ${2n ** WIDTH_BITS} + ${HALF_WIDTH} AS BIT) AS DOUBLE) END`;

export const approxPercentile: AggregatePrinter = {
  ...plain((input) => [`quantile_disc(${bucketOf(input)}, ${double(input.percentile)})`]),
  value: (raw) => middleOf(only(raw)),
};
