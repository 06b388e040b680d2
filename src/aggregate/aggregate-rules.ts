// The aggregates by name, and what follows from their rules.
import { type Aggregate, type DataType, elementType, isNumericType, type Value } from '../../schemas/types.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import type { AggregateRule } from './aggregate-rule.ts';
import { count, countDistinct } from './counts.ts';
import { first, last, lastN } from './ends.ts';
import { max, min } from './extremes.ts';
import { approxCountDistinct, approxPercentile } from './sketches.ts';
import { mean, sum } from './sums.ts';
import { variance } from './variances.ts';

export const AGGREGATE_RULES: Readonly<Record<Aggregate, AggregateRule>> = {
  count,
  sum,
  mean,
  stddev_pop: variance,
  stddev_samp: variance,
  var_pop: variance,
  var_samp: variance,
  min,
  max,
  first,
  last,
  last_n: lastN,
  count_distinct: countDistinct,
  approx_count_distinct: approxCountDistinct,
  approx_percentile: approxPercentile,
};

/** What the aggregate takes, where it does not take `type`; null where it does. */
export function refusedInput(aggregate: Aggregate, type: DataType): string | null {
  const { input } = AGGREGATE_RULES[aggregate];
  if (input === 'numeric' && !isNumericType(type)) return `int32, int64, float32 or float64, because of ${aggregate}`;
  if (input === 'summable' && type !== 'bool' && !isNumericType(type))
    return `int32, int64, float32, float64 or bool, because of ${aggregate}`;
  return input === 'scalar' && elementType(type) !== null ? `no list or vector, because of ${aggregate}` : null;
}

/** What a key without rows has for a feature: null in a row view. */
export function emptyValueOf(view: FeatureView, featureName: string): Value {
  if (view.kind === 'row') return null;
  const aggregate = view.features.find(({ name }) => name === featureName)?.aggregate;
  return aggregate === undefined ? null : AGGREGATE_RULES[aggregate].empty;
}
