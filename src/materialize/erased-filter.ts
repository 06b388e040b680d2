// Parts that were written before keys were erased may hold them until they are rewritten: such rows do not go online again.
import type { Value } from '../../schemas/types.ts';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { type ErasedKeys, erasedKeysOf, keyText } from '../catalog/erasures.ts';
import type { RunManifest } from '../offline/manifest-run.ts';
import type { StoredRows } from '../offline/part-files.ts';

/** Rows of the run as they are read → those that may be written. */
export type ErasedFilter = (stored: StoredRows) => StoredRows;

export function erasedFilter(
  catalog: Pick<Catalog, 'entities' | 'erasures'>,
  view: FeatureView,
  { viewKind, withoutErased = [] }: Pick<RunManifest, 'viewKind' | 'withoutErased'>,
): ErasedFilter {
  // What is done has left the parts, and a run that knew of one has none of its rows.
  const erasures = (catalog.erasures ?? []).filter(({ id, isPending }) => isPending && !withoutErased.includes(id));
  const erased = erasures.length === 0 ? [] : erasedKeysOf({ ...catalog, erasures }, view);
  if (erased.length === 0) return (stored) => stored;
  const tests = erased.map((keys) => erasedTest(keys, viewKind === 'row'));
  return (stored) => {
    const kept: number[] = [];
    for (let row = 0; row < stored.rowCount; row += 1) if (!tests.some((test) => test(stored, row))) kept.push(row);
    return kept.length === stored.rowCount ? stored : picked(stored, kept);
  };
}

/** An aggregate of a key cannot be parted into what was counted before and after: it goes as a whole. */
function erasedTest({ places, keys }: ErasedKeys, isTimed: boolean): (stored: StoredRows, row: number) => boolean {
  const nameOf = (values: readonly Value[]): string => JSON.stringify(values.map(keyText));
  const before = new Map(keys.map(({ values, beforeMicros }) => [nameOf(values), beforeMicros]));
  return (stored, row) => {
    const beforeMicros = before.get(nameOf(places.map((place) => stored.keys[place]?.[row] ?? null)));
    if (beforeMicros === undefined) return false;
    const eventMicros = stored.eventMicros[row] ?? null;
    return !isTimed || eventMicros === null || eventMicros < beforeMicros;
  };
}

function picked(stored: StoredRows, rows: readonly number[]): StoredRows {
  const pick = <T>(column: readonly T[]): readonly T[] => rows.map((row) => column[row] as T);
  return {
    rowCount: rows.length,
    keys: stored.keys.map(pick),
    eventMicros: pick(stored.eventMicros),
    createdMicros: pick(stored.createdMicros),
    values: stored.values.map(pick),
    invalid: pick(stored.invalid),
    ...(stored.deleted === undefined ? {} : { deleted: pick(stored.deleted) }),
    ...(stored.entries === undefined ? {} : { entries: pick(stored.entries) }),
  };
}
