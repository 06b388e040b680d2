// Rows of a stream → the entry that they belong to, in any order of arrival and in any batches.
import { advance, type Entry, type EntryRow, emptyEntry, MOST_ROWS } from './entry.ts';
import type { EntryLayout } from './entry-layout.ts';

/** The frontier of an entry of which nothing was folded: before every event that a source takes (year 1). */
export const SINCE_EVER_MICROS = -62_135_596_800_000_000n;

export const newEntry = (layout: EntryLayout): Entry => emptyEntry(layout, SINCE_EVER_MICROS);

export interface Applying {
  /** Append time of the last event that is applied: rows stamped at or after it are not folded before their time has come. */
  readonly appliedMicros: bigint;
  readonly mostRows?: number;
}

/**
 * Adds rows that were not in it. Where it then has more than `mostRows`, the frontier moves on so far that the older ones are
 * folded and half of `mostRows` are left: the next fold then comes after as many rows again, whatever their order.
 */
export function mergeRows(layout: EntryLayout, entry: Entry, rows: readonly EntryRow[], applying: Applying): void {
  const { appliedMicros, mostRows = MOST_ROWS } = applying;
  for (const row of rows) entry.rows.push(row);
  if (entry.rows.length <= mostRows) return;
  const wanted = oldestKept(entry, mostRows);
  advance(layout, entry, { frontierMicros: earlier(wanted, appliedMicros), mostRows });
}

/** The instant from which on half of `mostRows` are. */
export function oldestKept({ rows }: Entry, mostRows: number): bigint {
  const times = rows.map(({ eventMicros }) => eventMicros).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return (times[Math.floor(mostRows / 2)] as bigint) + 1n;
}

export function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
