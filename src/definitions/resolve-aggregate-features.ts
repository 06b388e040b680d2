import type { AggregateFeatureDefinition } from '../../schemas/definitions.ts';
import { AGGREGATE_RULES, refusedInput } from '../aggregate/aggregate-rules.ts';
import { defaultHop } from '../aggregate/windows.ts';
import type { AggregateFeature } from '../catalog/catalog.ts';
import type { Expression } from '../catalog/expression.ts';
import { show } from '../contract-mistakes.ts';
import { formatDuration } from '../instant.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import { defaultValue, documented, durationMicros } from './resolve-fields.ts';
import { type InputScope, resolveCondition, resolveInput } from './resolve-inputs.ts';
import { resolveByKeys, typeByKeys } from './resolve-maps.ts';
import { resolveRowInput } from './resolve-row-inputs.ts';

/** Null where it has a mistake. */
export function resolveAggregateFeature(
  feature: AggregateFeatureDefinition,
  scope: InputScope & { readonly isContinuous: boolean },
  place: Place,
  mistakes: Mistakes,
): AggregateFeature | null {
  const before = mistakes.count;
  const { name, aggregate } = feature;
  const rule = AGGREGATE_RULES[aggregate];
  const input = aggregateInput(feature, scope, place, mistakes);
  const where = resolveCondition(feature.where, scope, at(place, 'where'), mistakes);
  checkParameters(feature, place, mistakes);
  const windowMicros =
    feature.window === 'unbounded' ? null : durationMicros(feature.window, at(place, 'window'), mistakes);
  const gapMicros = gapOf(feature, place, mistakes);
  const offsetMicros = offsetOf(feature, place, mistakes);
  const hopMicros = hopOf(feature, windowMicros, scope.isContinuous, place, mistakes);
  if (mistakes.count > before) return null;
  const valueType = rule.result(input?.type ?? null);
  const by = resolveByKeys(feature, valueType, { scope, place, mistakes });
  if (mistakes.count > before) return null;
  const type = typeByKeys(by, valueType);
  const byDefault = defaultValue(feature.default, type, at(place, 'default'), mistakes);
  const { n = null, p = null } = feature;
  if (mistakes.count > before) return null;
  return {
    ...{ name, type, aggregate, input, n, p, windowMicros, hopMicros, default: byDefault },
    ...(where === null ? {} : { where }),
    ...(offsetMicros === null ? {} : { offsetMicros }),
    ...(gapMicros === null ? {} : { gapMicros }),
    ...(by === null ? {} : { by }),
    ...documented(feature),
  };
}

/** Null for `count` of rows, and for mistakes. */
function aggregateInput(
  feature: AggregateFeatureDefinition,
  scope: InputScope,
  place: Place,
  mistakes: Mistakes,
): Expression | null {
  const { aggregate } = feature;
  if (AGGREGATE_RULES[aggregate].input === 'row') return resolveRowInput(feature, scope.source, place, mistakes);
  if (feature.columns !== undefined)
    mistakes.add(at(place, 'columns'), show(feature.columns), 'no columns: only first_row and last_row take them');
  if (feature.column === undefined && feature.expression === undefined) {
    if (!['none', 'optional'].includes(AGGREGATE_RULES[aggregate].input))
      mistakes.add(at(place, 'column'), 'nothing', `a column or an expression, because of ${aggregate}`);
    return null;
  }
  const input = resolveInput(feature, '', scope, place, mistakes);
  const expected = input === null ? null : refusedInput(aggregate, input.type);
  if (input === null || expected === null) return input;
  mistakes.add(
    at(place, feature.column === undefined ? 'expression' : 'column'),
    `${show(input.sql)} of type ${input.type}`,
    expected,
  );
  return null;
}

function checkParameters({ aggregate, n, p }: AggregateFeatureDefinition, place: Place, mistakes: Mistakes): void {
  const { parameter } = AGGREGATE_RULES[aggregate];
  if (parameter !== 'n' && n !== undefined) mistakes.add(at(place, 'n'), show(n), 'no n: only last_n takes it');
  if (parameter !== 'p' && p !== undefined)
    mistakes.add(at(place, 'p'), show(p), 'no p: only approx_percentile takes it');
  if (parameter === 'n' && !(n !== undefined && n >= 1 && n <= 1000))
    mistakes.add(at(place, 'n'), show(n), 'a whole number from 1 to 1000');
  if (parameter === 'p' && !(p !== undefined && p > 0 && p < 1))
    mistakes.add(at(place, 'p'), show(p), 'a number between 0 and 1');
}

/** Null for all but sessions, and for mistakes. */
function gapOf({ aggregate, gap }: AggregateFeatureDefinition, place: Place, mistakes: Mistakes): bigint | null {
  const isTaken = AGGREGATE_RULES[aggregate].parameter === 'gap';
  if (isTaken && gap !== undefined) return durationMicros(gap, at(place, 'gap'), mistakes);
  if (isTaken) mistakes.add(at(place, 'gap'), 'nothing', `a duration, because of ${aggregate}`);
  else if (gap !== undefined) mistakes.add(at(place, 'gap'), show(gap), 'no gap: only sessions take it');
  return null;
}

/** Null where there is none. */
function offsetOf({ offset, window }: AggregateFeatureDefinition, place: Place, mistakes: Mistakes): bigint | null {
  if (offset === undefined) return null;
  if (window !== 'unbounded') return durationMicros(offset, at(place, 'offset'), mistakes);
  mistakes.add(at(place, 'offset'), show(offset), 'no offset, because the window is unbounded');
  return null;
}

/** Null in scheduled views and for unbounded windows. */
function hopOf(
  feature: AggregateFeatureDefinition,
  windowMicros: bigint | null,
  isContinuous: boolean,
  place: Place,
  mistakes: Mistakes,
): bigint | null {
  const isUnbounded = feature.window === 'unbounded';
  if (isUnbounded && isContinuous && AGGREGATE_RULES[feature.aggregate].needsBound) {
    mistakes.add(
      at(place, 'window'),
      '"unbounded"',
      `a duration, because of ${feature.aggregate} in a continuous view (one without refresh)`,
    );
  }
  if (feature.hop === undefined) return isContinuous && windowMicros !== null ? defaultHop(windowMicros) : null;
  const hop = durationMicros(feature.hop, at(place, 'hop'), mistakes);
  const refuse = (expected: string) => mistakes.add(at(place, 'hop'), show(feature.hop), expected);
  if (!isContinuous) refuse('no hop, because the view is scheduled (it has a refresh)');
  else if (isUnbounded) refuse('no hop, because the window is unbounded');
  else if (hop !== null && windowMicros !== null && hop > windowMicros)
    refuse(`at most the window, ${formatDuration(windowMicros)}`);
  return hop;
}

/** The hops of a view must divide one another: each the next larger one. */
export function checkHops(
  features: readonly { readonly feature: AggregateFeature; readonly place: Place }[],
  mistakes: Mistakes,
): void {
  const sorted = features
    .flatMap(({ feature, place }) =>
      feature.hopMicros === null ? [] : [{ name: feature.name, hop: feature.hopMicros, place }],
    )
    .toSorted((a, b) => (a.hop < b.hop ? -1 : a.hop > b.hop ? 1 : 0));
  for (const [i, { name, hop, place }] of sorted.entries()) {
    const smaller = sorted[i - 1];
    if (smaller === undefined || hop % smaller.hop === 0n) continue;
    const found = `hop ${formatDuration(hop)} of ${name} beside hop ${formatDuration(smaller.hop)} of ${smaller.name}`;
    mistakes.add(at(place, 'hop'), found, 'hops of one view that divide one another');
  }
}
