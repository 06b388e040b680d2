// Rows of a stream → the entry of a row view: the last row before the frontier, in row order, and all rows from the frontier on.
// Whatever order they arrive in, at the frontier and later the chosen row is there.
import type { Entry, EntryRow } from './entry.ts';
import { orderOfEntryRows } from './entry-rows.ts';
import { type Applying, earlier, oldestKept } from './merge-rows.ts';

/** A lookup reads one of them: few are kept for instants that lie back, more only where they lie ahead. */
const MOST_CHOSEN_ROWS = 16;

export function mergeChosen(
  entry: Entry,
  rows: readonly EntryRow[],
  { appliedMicros, mostRows = MOST_CHOSEN_ROWS }: Applying,
): void {
  for (const row of rows) entry.rows.push(row);
  if (entry.rows.length > mostRows) {
    const frontier = earlier(oldestKept(entry, mostRows), appliedMicros);
    if (frontier > entry.frontierMicros) entry.frontierMicros = frontier;
  }
  const from = entry.rows.filter(({ eventMicros }) => eventMicros >= entry.frontierMicros);
  if (from.length === entry.rows.length) return;
  const before = entry.rows.filter(({ eventMicros }) => eventMicros < entry.frontierMicros).sort(orderOfEntryRows);
  // A late one goes at once, too: beside rows that were left out it would seem to be the last of its time.
  const last = before.pop() as EntryRow;
  for (const { eventMicros, createdMicros } of before) leaveOut(entry, eventMicros, createdMicros);
  entry.rows = [...from, last];
}

function leaveOut(entry: Entry, eventMicros: bigint, createdMicros: bigint | null): void {
  if (entry.newestMicros === null || eventMicros > entry.newestMicros) entry.newestMicros = eventMicros;
  if (createdMicros !== null && (entry.createdMicros === null || createdMicros > entry.createdMicros))
    entry.createdMicros = createdMicros;
}
