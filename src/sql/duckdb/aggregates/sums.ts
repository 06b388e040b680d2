import { isFloatType } from '../../../../schemas/types.ts';
import { finite, narrowSum } from '../../feature-columns.ts';
import { duckdbDialect } from '../dialect.ts';
import { type AggregateInput, type AggregatePrinter, only, plain, type Typed } from './printer.ts';

/** What is added up: a bool is 0 or 1. Sums of integers are HUGEINT. */
export function summand({ x, type }: Typed): string {
  if (type === 'bool') return `CAST(${x} AS BIGINT)`;
  return isFloatType(type) ? `CAST(${x} AS DOUBLE)` : x;
}
const sumOf = (input: AggregateInput): string => `sum(${summand(input)})`;

export const sum: AggregatePrinter = {
  ...plain((input) => [sumOf(input)]),
  value: (raw, { resultType }) =>
    resultType === 'int64' ? narrowSum(duckdbDialect, only(raw)) : finite(duckdbDialect, only(raw)),
};

export const mean: AggregatePrinter = {
  grouped: (rows) => [rows.inWindow(`avg(${summand(rows)})`)],
  // Shares both with the features that are a sum or a count.
  framed: {
    tape: (input) => [sumOf(input), `count(${input.x})`],
    raw: (_, [total, n]) => [`CAST(${total} AS DOUBLE) / nullif(${n}, 0)`],
  },
  value: (raw) => finite(duckdbDialect, only(raw)),
};
