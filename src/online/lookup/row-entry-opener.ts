// An entry of a continuous row view → the row that is chosen at an instant: the last one in row order that is visible there.
import type { Value } from '../../../schemas/types.ts';
import { FAILED } from '../../aggregate/partial.ts';
import { ByteReader } from '../../byte-reader.ts';
import { openEntry } from '../entry/entry-codec.ts';
import { entryLayout } from '../entry/entry-layout.ts';
import type { ReadAt } from '../entry/entry-reader.ts';
import { rowsCodec } from '../entry/entry-rows.ts';
import type { ReadRows } from '../entry/read-rows.ts';
import type { RowCodec } from '../row-codec.ts';
import type { Generation, GenerationProgress } from '../serving-state.ts';
import type { StoredRow } from '../stored-row.ts';
import type { RowStatus } from './row-status.ts';

interface OpenedEntry {
  readonly row: StoredRow | null;
  readonly status: RowStatus | null;
}

type RowViewGeneration = Required<Pick<Generation, 'entry' | 'features'>> &
  Pick<Generation, 'strictlyBefore' | 'ttlMicros'>;

export function rowEntryOpener(
  generation: RowViewGeneration,
  codec: Pick<RowCodec, 'open' | 'encodeColumns'>,
): (progress: GenerationProgress, at: ReadAt) => (bytes: Uint8Array | null) => OpenedEntry {
  const { entry, features, ttlMicros } = generation;
  const layout = entryLayout(entry);
  const rowsOf = rowsCodec(layout);
  const bytes = new ByteReader();
  const hasDeletes = entry.cells.length > features.length;
  // One row, by column: room that is used again.
  const columns = { values: features.map((): Value[] => [null]), invalid: features.map(() => [false]) };
  const notFound: OpenedEntry = { row: null, status: 'NOT_FOUND' };
  return (_progress, at) => (stored) => {
    if (stored === null) return notFound;
    const { frontierMicros, newestMicros } = openEntry(layout, stored, bytes);
    const rows = rowsOf.read(frontierMicros, bytes);
    const { atMicros } = at;
    const chosen = chosenAt(rows, generation, at);
    // Rows that were left out lie before all that are kept: one of them may be the one.
    if (chosen === null) return newestMicros === null ? notFound : { row: null, status: 'TOO_EARLY' };
    const deleted = hasDeletes ? rows.cells[features.length]?.[chosen] : null;
    if (deleted === true) return notFound;
    const isFailed = rows.failed[chosen] === true || deleted === FAILED;
    for (let i = 0; i < features.length; i += 1) {
      const cell = isFailed ? FAILED : (rows.cells[i]?.[chosen] ?? null);
      (columns.invalid[i] as boolean[])[0] = cell === FAILED;
      (columns.values[i] as Value[])[0] = cell === FAILED ? null : cell;
    }
    const eventMicros = rows.eventMicros(chosen);
    const createdMicros = rows.created[chosen] ?? null;
    const row = codec.open(codec.encodeColumns({ eventMicros, createdMicros }, columns, 0));
    return { row, status: ttlMicros !== null && atMicros - eventMicros > ttlMicros ? 'OUTSIDE_MAX_AGE' : null };
  };
}

/** Rows lie newest first, in row order. */
function chosenAt(
  rows: ReadRows,
  { strictlyBefore, entry }: RowViewGeneration,
  { atMicros, isExplicit }: ReadAt,
): number | null {
  for (let row = 0; row < rows.count; row += 1) {
    const eventMicros = rows.eventMicros(row);
    if (eventMicros > atMicros || (strictlyBefore && eventMicros === atMicros)) continue;
    const created = rows.created[row] ?? null;
    if (entry.hidesByCreated && isExplicit && (created === null || created > atMicros)) continue;
    return row;
  }
  return null;
}
