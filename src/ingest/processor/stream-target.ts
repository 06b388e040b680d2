// What a stream processor keeps up to date: the entries of one generation of a view.
import { advance, type Entry, type EntryRow } from '../../online/entry/entry.ts';
import { compileEntryCodec } from '../../online/entry/entry-codec.ts';
import { type EntryDefinition, entryLayout } from '../../online/entry/entry-layout.ts';
import { mergeChosen } from '../../online/entry/merge-chosen.ts';
import { mergeRows, newEntry } from '../../online/entry/merge-rows.ts';
import type { FieldName } from '../../online/row-selection.ts';

export interface StreamTarget {
  readonly field: FieldName;
  /** `stored`: null where the entity has no entry. `appliedMicros`: append time of the last event that is applied. */
  merge(stored: Uint8Array | null, rows: readonly EntryRow[], appliedMicros: bigint): Uint8Array;
}

/** Of a row view: entries hold the rows that a lookup may choose. */
export function rowTarget(field: FieldName, definition: EntryDefinition, mostBytes: number): StreamTarget {
  const layout = entryLayout(definition);
  const codec = compileEntryCodec(layout, Number.MAX_SAFE_INTEGER);
  return {
    field,
    merge: (stored, rows, appliedMicros) => {
      const entry = stored === null ? newEntry(layout) : codec.decode(stored);
      mergeChosen(entry, rows, { appliedMicros });
      const { bytes } = codec.encode(entry);
      if (bytes.length <= mostBytes) return bytes;
      // Rows with long values: the last one alone, with those whose time has not come.
      mergeChosen(entry, [], { appliedMicros, mostRows: 1 });
      return codec.encode(withinBytes(entry, mostBytes, (one) => codec.encode(one).bytes.length)).bytes;
    },
  };
}

/** Where rows whose time has not come are too much by themselves: the cells of the biggest fail, so that what they are is told. */
function withinBytes(entry: Entry, mostBytes: number, sizeOf: (entry: Entry) => number): Entry {
  const bare = (row: EntryRow): EntryRow => ({ ...row, failed: true, cells: row.cells.map(() => null) });
  const sizes = entry.rows.map((row) => sizeOf({ ...entry, rows: [row] }));
  const biggest = [...sizes.keys()].sort((a, b) => (sizes[b] as number) - (sizes[a] as number));
  const rows = [...entry.rows];
  let total = sizes.reduce((sum, size) => sum + size, 0);
  for (const i of biggest) {
    if (total <= mostBytes) break;
    rows[i] = bare(entry.rows[i] as EntryRow);
    total -= (sizes[i] as number) - sizeOf({ ...entry, rows: [rows[i]] });
  }
  return { ...entry, rows };
}

/** Of a continuous aggregate view. An entry that would be bigger than `mostBytes` has its biggest slots left out. */
export function continuousTarget(field: FieldName, definition: EntryDefinition, mostBytes: number): StreamTarget {
  const layout = entryLayout(definition);
  const codec = compileEntryCodec(layout, mostBytes);
  return {
    field,
    merge: (stored, rows, appliedMicros) => {
      const entry = stored === null ? newEntry(layout) : codec.decode(stored);
      mergeRows(layout, entry, rows, { appliedMicros });
      const { bytes } = codec.encode(entry);
      if (bytes.length <= mostBytes || entry.rows.length === 0) return bytes;
      // Rows with long values may be too much by themselves: what they are folded into is not.
      advance(layout, entry, { frontierMicros: appliedMicros, mostRows: 0 });
      return codec.encode(entry).bytes;
    },
  };
}
