// `by`: the aggregate once for each key, in the order in which a map is written.
import type { Value } from '../../../schemas/types.ts';
import { MOST_KEYS } from '../../aggregate/by-key.ts';
import { orderOfTexts, orderOfValues } from '../../aggregate/value-order.ts';
import type { AggregateFeature, ByKeys } from '../../catalog/catalog.ts';
import { naiveAggregate, OVERFLOW, type Term } from './naive-aggregates.ts';

export interface KeyedTerm extends Term {
  readonly key: string;
}

/** Where the value of any key overflows, the map does. */
export function naiveMap(
  terms: readonly KeyedTerm[],
  feature: AggregateFeature,
  { top, asKeys, endMicros }: ByKeys & { readonly endMicros: bigint },
): Value | typeof OVERFLOW {
  const entries: (readonly [string, Value])[] = [];
  for (const [key, ofKey] of Map.groupBy(terms, (term) => term.key)) {
    const value = naiveAggregate(ofKey, feature, endMicros);
    if (value === OVERFLOW) return OVERFLOW;
    entries.push([key, value]);
  }
  if (top === null && entries.length > MOST_KEYS) return OVERFLOW;
  const inOrder = entries.toSorted(([a, x], [b, y]) => (top === null ? 0 : orderOfValues(y, x)) || orderOfTexts(a, b));
  const kept = inOrder.slice(0, top ?? entries.length);
  return asKeys ? kept.map(([key]) => key) : kept;
}
