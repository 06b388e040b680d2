// An entry of a continuous aggregate view in memory: rows as they came, and partials of what was folded. Rows are folded
// once there are more than MOST_ROWS of them, and only from before the frontier; an entry of few rows has rows alone.
import type { AggregateRow } from '../../aggregate/algebra.ts';
import { FAILED, type Input, type Partial } from '../../aggregate/partial.ts';
import { type EntryLayout, reachOf, type Slot, tileStart } from './entry-layout.ts';

/** An entry of at most so many rows has all of them as rows. */
export const MOST_ROWS = 128;

/** A row that passes the view's `where`, or on which that failed. */
export interface EntryRow extends AggregateRow {
  /** Slots have their own; `slotRow` puts it there. */
  readonly by: null;
  /** Whether the view's `where` failed on it. */
  readonly failed: boolean;
  readonly cells: readonly Input[];
}

type Tiles = Map<bigint | 'ever', Partial<unknown>>;

/** Of a slot: its state (scope head) under `ever`, or its tiles; null: it was too big to be kept, so its features are INVALID. */
export type SlotState = Tiles | null;

export interface Entry {
  /** Rows before it may have been folded: the entry says nothing of earlier instants. */
  frontierMicros: bigint;
  /** Of the rows that were folded, in whatever slot; null: none. */
  newestMicros: bigint | null;
  /** The greatest created time folded; null: none. */
  createdMicros: bigint | null;
  /** In any order. */
  rows: EntryRow[];
  slots: SlotState[];
}

export const emptyEntry = ({ slots }: EntryLayout, frontierMicros: bigint): Entry => ({
  frontierMicros,
  newestMicros: null,
  createdMicros: null,
  rows: [],
  slots: slots.map(() => new Map()),
});

export interface Advance {
  readonly frontierMicros: bigint;
  /** Rows are folded where there are more. */
  readonly mostRows?: number;
}

/** Moves the frontier forward: folds rows where there are too many, and leaves out what no window reaches any more. */
export function advance(layout: EntryLayout, entry: Entry, { frontierMicros, mostRows = MOST_ROWS }: Advance): void {
  if (frontierMicros > entry.frontierMicros) entry.frontierMicros = frontierMicros;
  const reach = reachOf(layout.features, entry.frontierMicros);
  if (reach !== null) entry.rows = entry.rows.filter(({ eventMicros }) => eventMicros >= reach);
  for (const [i, slot] of layout.slots.entries()) entry.slots[i] = retiled(slot, entry.slots[i] ?? null, entry);
  if (entry.rows.length <= mostRows) return;
  for (const row of entry.rows) if (row.eventMicros < entry.frontierMicros) foldRow(layout, entry, row);
  entry.rows = entry.rows.filter(({ eventMicros }) => eventMicros >= entry.frontierMicros);
}

function foldRow(layout: EntryLayout, entry: Entry, row: EntryRow): void {
  const { eventMicros, createdMicros } = row;
  if (entry.newestMicros === null || eventMicros > entry.newestMicros) entry.newestMicros = eventMicros;
  if (createdMicros !== null && (entry.createdMicros === null || createdMicros > entry.createdMicros))
    entry.createdMicros = createdMicros;
  for (const [i, slot] of layout.slots.entries()) {
    const tiles = entry.slots[i];
    const input = slotInput(slot, row);
    if (tiles == null || input === null || !reaches(slot, entry, eventMicros)) continue;
    const at = slot.isTiled ? tileStart(slot.windows, entry.frontierMicros, eventMicros) : 'ever';
    slot.family.add(tileAt(slot, tiles, at), input, { ...row, by: slotKey(slot, row) });
  }
}

export const reaches = ({ windows }: Slot, { frontierMicros }: Entry, micros: bigint): boolean => {
  const reach = reachOf(windows, frontierMicros);
  return reach === null || micros >= reach;
};

export function tileAt(slot: Slot, tiles: Tiles, at: bigint | 'ever'): Partial<unknown> {
  const known = tiles.get(at);
  if (known !== undefined) return known;
  const tile = slot.family.create();
  tiles.set(at, tile);
  return tile;
}

/** What the slot reads of the row: null where the row does not count, true where rows count. */
export function slotInput({ input, where, by }: Slot, { cells, failed }: Pick<EntryRow, 'cells' | 'failed'>): Input {
  if (failed) return FAILED;
  if (where !== null) {
    const passes = cells[where];
    if (passes === FAILED) return FAILED;
    if (passes !== true) return null;
  }
  if (by !== null) {
    const key = cells[by] ?? null;
    if (key === FAILED || key === null) return key;
  }
  return input === null ? true : (cells[input] ?? null);
}

/** What the slot's maps are keyed by; null where it has none. */
export function slotKey({ by }: Slot, { cells }: Pick<EntryRow, 'cells'>): string | null {
  const key = by === null ? null : cells[by];
  return typeof key === 'string' ? key : null;
}

/** Tiles on the grid of the entry's frontier: those that only longer windows reach now are merged into coarser ones. */
function retiled(slot: Slot, tiles: SlotState, { frontierMicros }: Entry): SlotState {
  if (tiles === null) return null;
  const reach = reachOf(slot.windows, frontierMicros);
  if (!slot.isTiled) {
    for (const state of tiles.values()) if (reach !== null) slot.family.trim(state, reach);
    return tiles;
  }
  const kept: Tiles = new Map();
  for (const [start, tile] of tiles) {
    if (reach !== null && start !== 'ever' && start < reach) continue;
    const at = start === 'ever' ? 'ever' : tileStart(slot.windows, frontierMicros, start);
    if (kept.has(at)) slot.family.merge(tileAt(slot, kept, at), tile);
    else kept.set(at, tile);
  }
  return kept;
}
