// The aggregates in DuckDB's SQL: a record, so that a forgotten one does not compile.
import { PlumbError } from '../../../../schemas/errors.ts';
import type { Aggregate } from '../../../../schemas/types.ts';
import type { PlannedAggregate, WindowsNode } from '../../../plan/nodes.ts';
import { inputType } from '../../rows.ts';
import { count, countDistinct } from './counts.ts';
import { first, last, lastN } from './ends.ts';
import { extreme } from './extremes.ts';
import type { AggregateInput, AggregatePrinter } from './printer.ts';
import { mean, sum } from './sums.ts';
import { variance } from './variances.ts';

/** Definitions refuse it before. */
const unbuilt = (name: Aggregate): AggregatePrinter => {
  const refuse = (): never => {
    throw new PlumbError('NOT_SUPPORTED', `${name} is not built yet`);
  };
  return { grouped: refuse, framed: { raw: refuse }, value: refuse };
};

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
  approx_count_distinct: unbuilt('approx_count_distinct'),
  approx_percentile: unbuilt('approx_percentile'),
};

export const inputOf = ({ rows }: WindowsNode, { input, type, n }: PlannedAggregate): AggregateInput => ({
  x: input ?? '*',
  type: inputType(rows, input),
  resultType: type,
  n: n ?? 1,
});
