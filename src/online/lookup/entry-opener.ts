// An entry of a continuous aggregate view → the row that it says at an instant, in the form in which rows lie in the store, so
// that answers of every form are written from it.
import type { Value } from '../../../schemas/types.ts';
import { INVALID, type Outcome } from '../../aggregate/algebra.ts';
import { entryLayout } from '../entry/entry-layout.ts';
import { compileEntryReader, type ReadAt } from '../entry/entry-reader.ts';
import type { RowCodec } from '../row-codec.ts';
import type { Generation, GenerationProgress } from '../serving-state.ts';
import type { StoredRow } from '../stored-row.ts';
import type { RowStatus } from './row-status.ts';

interface OpenedEntry {
  readonly row: StoredRow | null;
  readonly status: RowStatus | null;
}

/** As `openAt` of a live view. */
type OpenEntriesAt = (progress: GenerationProgress, at: ReadAt) => (bytes: Uint8Array | null) => OpenedEntry;

/**
 * Runs write only rows that were created by their T, so none that counts is created after the instant, whether the request names it
 * or not. What a stream has applied is known, where the request names no instant.
 */
export function entryOpener(
  { entry, features, stream }: Required<Pick<Generation, 'entry' | 'features'>> & Pick<Generation, 'stream'>,
  codec: Pick<RowCodec, 'open' | 'encodeColumns'>,
): OpenEntriesAt {
  const read = compileEntryReader(entryLayout(entry));
  // One row, by column: room that is used again.
  const columns = { values: features.map((): Value[] => [null]), invalid: features.map(() => [false]) };
  return ({ reachedMicros }, asked) => {
    const { atMicros } = asked;
    const at = stream === undefined ? { atMicros, isExplicit: true } : asked;
    // Every key has the frontier of the run, those without rows too.
    const absent: OpenedEntry = { row: null, status: atMicros < reachedMicros ? 'TOO_EARLY' : 'NOT_FOUND' };
    return (bytes) => {
      if (bytes === null) return absent;
      const { status, values, newestMicros: eventMicros } = read(bytes, at);
      if (status !== null) return { row: null, status };
      for (let i = 0; i < values.length; i += 1) {
        const value = values[i] as Outcome;
        (columns.invalid[i] as boolean[])[0] = value === INVALID;
        (columns.values[i] as Value[])[0] = value === INVALID ? null : value;
      }
      const row = codec.encodeColumns({ eventMicros, createdMicros: null }, columns, 0);
      return { row: codec.open(row), status: null };
    };
  };
}
