// `by`: the aggregate once for each key, in the order in which a map is written.
import { type Aggregated, aggregate, type Input, OverflowError } from './aggregates.ts';
import { formatInstant } from './instants.ts';
import { compareValues, type Value } from './values.ts';
import type { FeatureDefinition } from './world.ts';

export interface KeyedInput extends Input {
  readonly key: string;
}

/** More keys than that are INVALID without `top`. */
const MOST_KEYS = 1000;

export function aggregateByKey(
  { aggregate: name = '', n, p, top, as }: FeatureDefinition,
  inputType: string | undefined,
  inputs: readonly KeyedInput[],
): Aggregated {
  const counted = inputType === undefined ? inputs : inputs.filter(({ value }) => value !== null);
  const keys = [...new Set(counted.map(({ key }) => key))].sort(compareValues);
  if (top === undefined && keys.length > MOST_KEYS) throw new OverflowError(`${keys.length} keys`);
  const entries = keys.map((key) => ({
    key,
    ...aggregate(
      name,
      inputType,
      counted.filter((input) => input.key === key),
      n ?? p,
    ),
  }));
  // Sorting is stable: keys of equal values stay in their order.
  if (top !== undefined) entries.sort((a, b) => compareValues(b.value, a.value));
  const kept = entries.slice(0, top);
  const tolerance = Math.max(0, ...entries.map((entry) => entry.tolerance));
  return { value: kept.map(({ key, value }) => (as === 'keys' ? key : [key, value])), tolerance };
}

/** Of a value that a map is keyed by; null where there is none. */
export function keyText(type: string, value: Value): string | null {
  if (value === null) return null;
  return type === 'timestamp' ? formatInstant(value as bigint) : String(value);
}

/** Is `got` the map that is wanted, values within the tolerance? What order of summing decides may stand in any order. */
export function sameMap(want: Value, got: Value, tolerance: number): boolean {
  if (!Array.isArray(want) || !Array.isArray(got)) return want === got;
  if (want.length !== got.length) return false;
  const [wanted, found] = [want as Entry[], got as Entry[]];
  if (tolerance === 0) return compareValues(want, got) === 0;
  const values = new Map(found);
  const least = wanted.at(-1)?.[1] ?? null;
  const close = (a: Value, b: Value): boolean =>
    typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= tolerance : compareValues(a, b) === 0;
  return wanted.every(
    ([key, value], i) =>
      close(value, found[i]?.[1] ?? null) && close(value, values.has(key) ? (values.get(key) ?? null) : least),
  );
}

type Entry = readonly [key: string, value: Value];
