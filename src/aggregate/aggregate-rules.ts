// The aggregates by name, and what follows from their rules.
import { type Aggregate, type DataType, elementType, isNumericType, type Value } from '../../schemas/types.ts';
import type { AggregateFeature, FeatureView } from '../catalog/catalog.ts';
import type { AggregateRule } from './aggregate-rule.ts';
import { count } from './counts.ts';
import { countDistinct } from './distinct.ts';
import { first, firstRow, last, lastN, lastRow } from './ends.ts';
import { max, min } from './extremes.ts';
import { approxCountDistinct } from './hyperloglog.ts';
import { approxPercentile } from './quantile-sketch.ts';
import { SESSION_RULES } from './sessions.ts';
import { mean, sum } from './sums.ts';
import { stddevPop, stddevSamp, varPop, varSamp } from './variances.ts';

export const AGGREGATE_RULES: Readonly<Record<Aggregate, AggregateRule>> = {
  count,
  sum,
  mean,
  stddev_pop: stddevPop,
  stddev_samp: stddevSamp,
  var_pop: varPop,
  var_samp: varSamp,
  min,
  max,
  first,
  last,
  last_n: lastN,
  count_distinct: countDistinct,
  approx_count_distinct: approxCountDistinct,
  approx_percentile: approxPercentile,
  ...SESSION_RULES,
  first_row: firstRow,
  last_row: lastRow,
};

/** What the aggregate takes, where it does not take `type`; null where it does. */
export function refusedInput(aggregate: Aggregate, type: DataType): string | null {
  const { input } = AGGREGATE_RULES[aggregate];
  if (input === 'none') return `nothing, because ${aggregate} is of the rows themselves; \`where\` says of which`;
  if (input === 'numeric' && !isNumericType(type)) return `int32, int64, float32 or float64, because of ${aggregate}`;
  if (input === 'summable' && type !== 'bool' && !isNumericType(type))
    return `int32, int64, float32, float64 or bool, because of ${aggregate}`;
  const isRow = type.startsWith('struct<');
  if (isRow !== (input === 'row')) return `${isRow ? 'a column' : 'columns'}, because of ${aggregate}`;
  return input === 'scalar' && elementType(type) !== null ? `no list or vector, because of ${aggregate}` : null;
}

/** What the aggregate gives before `by` makes a map of it. */
export const valueTypeOf = ({ aggregate, input }: Pick<AggregateFeature, 'aggregate' | 'input'>): DataType =>
  AGGREGATE_RULES[aggregate].result(input?.type ?? null);

/** What a key without rows in the window has. */
export const emptyAggregate = ({ aggregate, by }: Pick<AggregateFeature, 'aggregate' | 'by'>): Value =>
  by === undefined ? AGGREGATE_RULES[aggregate].empty : [];

/** What a key without rows has for a feature: null in a row view. */
export function emptyValueOf(view: FeatureView, featureName: string): Value {
  if (view.kind === 'row') return null;
  const feature = view.features.find(({ name }) => name === featureName);
  return feature === undefined ? null : emptyAggregate(feature);
}
