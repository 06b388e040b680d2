// Aggregates as SQL, in two stages: raw columns over the rows of a window, then the value. The raw stage exists in two
// forms: over a group of joined rows with FILTER, and over a window frame. A record keyed by aggregate, so that a
// forgotten one does not compile.

import { PlumbError } from '../../schemas/errors.ts';
import type { Aggregate, DataType } from '../../schemas/types.ts';
import { isFloatType } from '../../schemas/types.ts';
import type { PlannedAggregate } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';

const INT64_MIN = '-9223372036854775808';
const INT64_MAX = '9223372036854775807';
/** Squares of greater numbers can overflow float64; a variance over such a window is null. */
const VARIANCE_LIMIT = '1e150';

/** How an aggregate reads rows: applied to a group with a filter, or to a frame. */
export interface RowsOf {
  /** `sum(x)` → `sum(x) FILTER (WHERE …)` or `sum(x) OVER w`. `condition` narrows the rows further. */
  apply(call: string, condition?: string): string;
  /** The input; null for `count` of rows. */
  readonly x: string | null;
  readonly type: DataType;
  /** First value by (ts, created, value). */
  first(): string;
  /** The last value of the widest window, and how many this one has. */
  last(): readonly [value: string, count: string];
  lastN(n: number): string;
}

interface Shape {
  /** Raw columns. */
  raw(dialect: Dialect, rows: RowsOf, feature: PlannedAggregate): readonly string[];
  /** The value from the names of the raw columns. */
  value(dialect: Dialect, raw: readonly string[], feature: PlannedAggregate, inputType: DataType): string;
}

const x = (rows: RowsOf): string => {
  if (rows.x === null) throw new PlumbError('INTERNAL', 'an aggregate other than count has no input');
  return rows.x;
};
const only = (raw: readonly string[]): string => raw[0] as string;
const asDouble = (rows: RowsOf): string => `CAST(${x(rows)} AS DOUBLE)`;
/** What sums and means add up: a bool is 0 or 1. */
function summand(rows: RowsOf): string {
  if (rows.type === 'bool') return `CAST(${x(rows)} AS BIGINT)`;
  return isFloatType(rows.type) ? asDouble(rows) : x(rows);
}
const finite = (dialect: Dialect, sql: string): string => `CASE WHEN ${dialect.isFinite(sql)} THEN ${sql} + 0.0 END`;

const variance = (name: string): Shape => ({
  raw: (_, rows) => [
    rows.apply(`${name}(CASE WHEN abs(${asDouble(rows)}) <= ${VARIANCE_LIMIT} THEN ${asDouble(rows)} END)`),
    rows.apply(`max(abs(${asDouble(rows)}))`),
  ],
  value: (dialect, raw) => `CASE WHEN ${raw[1]} <= ${VARIANCE_LIMIT} THEN ${finite(dialect, only(raw))} END`,
});

const extreme = (name: 'min' | 'max'): Shape => ({
  raw: (dialect, rows) => [rows.apply(`${name}(${dialect.orderKey(x(rows), rows.type)})`, `${x(rows)} IS NOT NULL`)],
  value: (dialect, raw, _, inputType) => dialect.fromOrderKey(only(raw), inputType),
});

const unbuilt = (name: string): Shape => ({
  raw: () => {
    throw new PlumbError('NOT_SUPPORTED', `${name} is not built yet`);
  },
  value: () => '',
});

export const AGGREGATE_SHAPES: Readonly<Record<Aggregate, Shape>> = {
  count: {
    raw: (_, rows) => [rows.apply(rows.x === null ? 'count(*)' : `count(${rows.x})`)],
    value: (_, raw) => only(raw),
  },
  sum: {
    raw: (_, rows) => [rows.apply(`sum(${summand(rows)})`)],
    value: (dialect, raw, feature) =>
      feature.type === 'int64'
        ? `CASE WHEN ${only(raw)} BETWEEN ${INT64_MIN} AND ${INT64_MAX} THEN CAST(${only(raw)} AS BIGINT) END`
        : finite(dialect, only(raw)),
  },
  mean: {
    raw: (_, rows) => [rows.apply(`avg(${summand(rows)})`)],
    value: (dialect, raw) => finite(dialect, only(raw)),
  },
  stddev_pop: variance('stddev_pop'),
  stddev_samp: variance('stddev_samp'),
  var_pop: variance('var_pop'),
  var_samp: variance('var_samp'),
  min: extreme('min'),
  max: extreme('max'),
  first: { raw: (_, rows) => [rows.first()], value: (_, raw) => only(raw) },
  last: { raw: (_, rows) => rows.last(), value: (_, raw) => `CASE WHEN ${raw[1]} > 0 THEN ${only(raw)} END` },
  last_n: {
    raw: (_, rows, feature) => [rows.lastN(feature.n ?? 1)],
    value: (dialect, raw, feature) => `coalesce(${only(raw)}, ${dialect.literal([], feature.type)})`,
  },
  count_distinct: {
    raw: (_, rows) => [rows.apply(`count(DISTINCT ${x(rows)})`)],
    value: (_, raw) => only(raw),
  },
  approx_count_distinct: unbuilt('approx_count_distinct'),
  approx_percentile: unbuilt('approx_percentile'),
};

export const overflows = (feature: PlannedAggregate, raw: readonly string[]): string | null =>
  feature.aggregate === 'sum' && feature.type === 'int64'
    ? `(${only(raw)} NOT BETWEEN ${INT64_MIN} AND ${INT64_MAX})`
    : null;
