// The aggregates in DuckDB's SQL: a record, so that a forgotten one does not compile.
import type { Aggregate } from '../../../../schemas/types.ts';
import type { PlannedAggregate, WindowsNode } from '../../../plan/nodes.ts';
import { inputType } from '../../rows.ts';
import { count, countDistinct } from './counts.ts';
import { first, last, lastN } from './ends.ts';
import { extreme } from './extremes.ts';
import { approxCountDistinct } from './hyperloglog.ts';
import type { AggregateInput, AggregatePrinter } from './printer.ts';
import { approxPercentile } from './quantile-sketch.ts';
import { SESSION_PRINTERS } from './sessions.ts';
import { mean, sum } from './sums.ts';
import { variance } from './variances.ts';

export const AGGREGATE_PRINTERS: Readonly<Record<Aggregate, AggregatePrinter>> = {
  count,
  sum,
  mean,
  stddev_pop: variance('stddev_pop'),
  stddev_samp: variance('stddev_samp'),
  var_pop: variance('var_pop'),
  var_samp: variance('var_samp'),
  min: extreme('min'),
  max: extreme('max'),
  first,
  last,
  last_n: lastN,
  count_distinct: countDistinct,
  approx_count_distinct: approxCountDistinct,
  approx_percentile: approxPercentile,
  ...SESSION_PRINTERS,
  // A row is a struct, which is a value like any other.
  first_row: first,
  last_row: last,
};

export const inputOf = ({ rows }: WindowsNode, { input, type, n, p, gapMicros }: PlannedAggregate): AggregateInput => ({
  x: input ?? '*',
  type: inputType(rows, input),
  resultType: type,
  n: n ?? 1,
  percentile: p ?? 0.5,
  gapMicros: gapMicros ?? 0n,
});
