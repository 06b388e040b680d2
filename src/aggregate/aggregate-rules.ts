// The table of aggregates (DESIGN section 2) as far as definitions need it: inputs, parameters, result types.
import {
  type Aggregate,
  type DataType,
  elementType,
  isFloatType,
  isNumericType,
  isScalarType,
  type Value,
} from '../../schemas/types.ts';

import type { FeatureView } from '../catalog/catalog.ts';

interface AggregateRule {
  /** `optional`: none, or any. `summable`: numbers, and bool as 0 and 1. `scalar`: any but lists, because a list of lists is no type. */
  readonly input: 'optional' | 'any' | 'numeric' | 'summable' | 'scalar';
  /** Of the input's type; `count` without input is asked with null. */
  readonly result: (input: DataType | null) => DataType;
  readonly parameter: 'n' | 'p' | null;
  /** What a key without rows in the window has. */
  readonly empty: Value;
  readonly isSupported: boolean;
}

const rule = (
  input: AggregateRule['input'],
  result: AggregateRule['result'],
  options: Partial<Pick<AggregateRule, 'parameter' | 'empty' | 'isSupported'>> = {},
): AggregateRule => ({ input, result, parameter: null, empty: null, isSupported: true, ...options });

const int64 = (): DataType => 'int64';
const float64 = (): DataType => 'float64';
const same = (input: DataType | null): DataType => input ?? 'int64';
const sum = (input: DataType | null): DataType => (input !== null && isFloatType(input) ? 'float64' : 'int64');
const list = (input: DataType | null): DataType =>
  input !== null && isScalarType(input) ? `list<${input}>` : 'list<int64>';

export const AGGREGATE_RULES: Readonly<Record<Aggregate, AggregateRule>> = {
  count: rule('optional', int64, { empty: 0n }),
  sum: rule('summable', sum),
  mean: rule('summable', float64),
  stddev_pop: rule('numeric', float64),
  stddev_samp: rule('numeric', float64),
  var_pop: rule('numeric', float64),
  var_samp: rule('numeric', float64),
  min: rule('any', same),
  max: rule('any', same),
  first: rule('any', same),
  last: rule('any', same),
  last_n: rule('scalar', list, { parameter: 'n', empty: [] }),
  count_distinct: rule('any', int64, { empty: 0n }),
  approx_count_distinct: rule('any', int64, { empty: 0n, isSupported: false }),
  approx_percentile: rule('numeric', float64, { parameter: 'p', isSupported: false }),
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
