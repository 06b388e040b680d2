// The values of a continuous aggregate view at an instant, straight from the bytes of an entry: the rows from the frontier on
// exactly, the tail by tiles. Rows and tiles lie newest first, so one state per slot grows backwards in time, and each window
// takes its value from it where it starts:
//
//        tile tile  tile      frontier   row row      at
//   ──────┼────┼─────┼───────────┼────────┼───┼───────┤
//         │          └─ 1 h      ◀────────────────────┘
//         └─ 1 d
import type { Outcome, WindowAt } from '../../aggregate/algebra.ts';
import { INVALID } from '../../aggregate/algebra.ts';
import type { Input, Partial } from '../../aggregate/partial.ts';
import { ByteReader } from '../../byte-reader.ts';
import { slotInput, slotKey } from './entry.ts';
import { nextTile, openEntry, openTiles } from './entry-codec.ts';
import { type EntryLayout, type Output, PRESENCE, type Slot, startAt } from './entry-layout.ts';
import { rowsCodec } from './entry-rows.ts';
import { type ChainWindows, type PlacedWindows, windowsAt } from './entry-windows.ts';
import { type Edge, type ReadRows, RowCursor } from './read-rows.ts';

export interface EntryAnswer {
  /** TOO_EARLY: the instant is before what the entry knows; NOT_FOUND: no window holds a row. */
  readonly status: 'TOO_EARLY' | 'NOT_FOUND' | null;
  /** By feature; null for TOO_EARLY, the empty aggregates for NOT_FOUND. */
  readonly values: readonly Outcome[];
  /** Of the newest row before the instant; null where there is none, and for TOO_EARLY. */
  readonly newestMicros: bigint | null;
}

export interface ReadAt {
  readonly atMicros: bigint;
  /** Whether the request names the instant: then rows created after it are hidden, where created times hide. */
  readonly isExplicit: boolean;
}

export type ReadEntry = (entry: Uint8Array, at: ReadAt) => EntryAnswer;

interface Reading extends Pick<ReadAt, 'atMicros'> {
  readonly bytes: ByteReader;
  readonly rows: ReadRows;
  readonly cursor: RowCursor;
  /** How many rows there are from each edge of the windows on. */
  readonly edgeRows: readonly number[];
  /** So many rows, the newest, are at the instant or after it. */
  readonly firstRow: number;
  readonly values: Outcome[];
  hasPresence: boolean;
}

export function compileEntryReader(layout: EntryLayout): ReadEntry {
  const codec = rowsCodec(layout);
  const { rows } = codec;
  const cursor = new RowCursor(rows);
  const bytes = new ByteReader();
  // Many entries of one run are read at one instant.
  let [windowsOf, frontierOf]: (bigint | null)[] = [null, null];
  let windows: PlacedWindows = { edges: [], headEdge: 0, slots: [] };
  const edgeRows: number[] = [];
  const noValues: readonly null[] = layout.features.map(() => null);
  const tooEarly: EntryAnswer = { status: 'TOO_EARLY', values: noValues, newestMicros: null };
  return (entry, at) => {
    const { atMicros } = at;
    const head = openEntry(layout, entry, bytes);
    if (atMicros < head.frontierMicros) return tooEarly;
    const hides = layout.hidesByCreated && at.isExplicit;
    if (hides && head.createdMicros !== null && atMicros < head.createdMicros) return tooEarly;
    codec.read(head.frontierMicros, bytes);
    if (hides) rows.keepKnown(atMicros);
    if (atMicros !== windowsOf || head.frontierMicros !== frontierOf) {
      windows = windowsAt(layout, atMicros, head.frontierMicros);
      [windowsOf, frontierOf] = [atMicros, head.frontierMicros];
    }
    for (let i = 0; i < windows.edges.length; i += 1) edgeRows[i] = rows.countFrom(windows.edges[i] as Edge);
    const firstRow = edgeRows[windows.headEdge] as number;
    const values = noValues.slice();
    const reading: Reading = { atMicros, bytes, rows, cursor, edgeRows, firstRow, values, hasPresence: false };
    for (let i = 0; i < layout.slots.length; i += 1) readSlot(layout.slots[i] as Slot, windows.slots[i] ?? [], reading);
    const newestMicros = newestOf(head.newestMicros, reading);
    const isFound = reading.hasPresence || reachesHead(layout, newestMicros, reading);
    return { status: isFound ? null : 'NOT_FOUND', values, newestMicros };
  };
}

/** What an entity without an entry has. */
export function absentEntry(layout: EntryLayout): EntryAnswer {
  const values: Outcome[] = layout.features.map(() => null);
  const window: WindowAt = { startMicros: null, endMicros: 0n };
  for (const slot of layout.slots)
    for (const { feature, algebra } of slot.chains.flatMap(({ outputs }) => outputs))
      if (feature !== PRESENCE) values[feature] = algebra.finalize(slot.family.create(), window);
  return { status: 'NOT_FOUND', values, newestMicros: null };
}

/** Of rows folded and of the others. */
function newestOf(foldedMicros: bigint | null, { rows, firstRow }: Reading): bigint | null {
  const newestRow = firstRow < rows.count ? rows.eventMicros(firstRow) : null;
  return newestRow === null || (foldedMicros !== null && foldedMicros > newestRow) ? foldedMicros : newestRow;
}

/** Whether a window without an offset holds a row. */
function reachesHead({ features }: EntryLayout, newest: bigint | null, { atMicros }: Reading): boolean {
  if (newest === null) return false;
  return features.some((window) => {
    const start = window.offsetMicros > 0n ? newest + 1n : startAt(window, atMicros);
    return start === null || newest >= start;
  });
}

function readSlot(slot: Slot, chains: readonly ChainWindows[], reading: Reading): void {
  const { bytes } = reading;
  const length = bytes.uvarint();
  const start = bytes.position;
  if (length === 0) invalidate(slot, reading);
  else if (slot.isTiled) {
    for (const chain of chains) {
      bytes.position = start;
      readTiles(slot, chain, reading);
    }
  } else readState(slot, chains, reading);
  bytes.position = start;
  bytes.skip(length);
}

/** A slot that was too big. Without its counts every window may hold a row. */
function invalidate({ chains }: Slot, reading: Reading): void {
  for (const { feature } of chains.flatMap(({ outputs }) => outputs)) {
    if (feature === PRESENCE) reading.hasPresence = true;
    else reading.values[feature] = INVALID;
  }
}

function readState(slot: Slot, chains: readonly ChainWindows[], reading: Reading): void {
  const state = slot.family.create();
  slot.family.read(state, reading.bytes);
  addRows(slot, state, { rows: reading.rows, cursor: reading.cursor, from: reading.firstRow, to: reading.rows.count });
  for (const { windows } of chains)
    for (const { output, at } of windows) put(output, output.algebra.finalize(state, at), reading);
}

interface AddedRows extends Pick<Reading, 'rows' | 'cursor'> {
  readonly from: number;
  readonly to: number;
}

function addRows(slot: Slot, state: Partial<unknown>, added: AddedRows): void {
  const { family } = slot;
  if (slot.where === null && slot.by === null && !added.rows.hasFailures) {
    addInputs(slot, state, added);
    return;
  }
  const { cursor } = added;
  for (cursor.row = added.from; cursor.row < added.to; cursor.row += 1) {
    const input = slotInput(slot, cursor);
    cursor.by = slotKey(slot, cursor);
    if (input !== null) family.add(state, input, cursor);
  }
}

/** As slotInput says, where every row counts and none failed. */
function addInputs({ input, family }: Slot, state: Partial<unknown>, { rows, cursor, from, to }: AddedRows): void {
  const inputs = input === null ? null : (rows.cells[input] as readonly Input[]);
  cursor.by = null;
  for (cursor.row = from; cursor.row < to; cursor.row += 1) {
    const value = inputs === null ? true : (inputs[cursor.row] as Input);
    if (value === null) continue;
    if (family.isSettled?.(state, cursor.eventMicros)) return;
    family.add(state, value, cursor);
  }
}

function put({ feature }: Output, outcome: Outcome, reading: Reading): void {
  if (feature !== PRESENCE) reading.values[feature] = outcome;
  else if (outcome !== 0n) reading.hasPresence = true;
}

function readTiles(slot: Slot, { windows, endEdge, endHop }: ChainWindows, reading: Reading): void {
  const { bytes, rows, cursor, edgeRows, firstRow } = reading;
  const state = slot.family.create();
  let from = Math.max(firstRow, edgeRows[endEdge] as number);
  const tiles = openTiles(bytes);
  let hasTile = nextTile(tiles, bytes);
  for (const { output, at, startEdge, startHop } of windows) {
    const to = Math.max(from, edgeRows[startEdge] as number);
    if (to > from) addRows(slot, state, { rows, cursor, from, to });
    from = to;
    for (; hasTile && tiles.hop >= startHop; hasTile = nextTile(tiles, bytes))
      slot.family.read(tiles.hop >= endHop ? slot.family.create() : state, bytes);
    put(output, output.algebra.finalize(state, at), reading);
  }
}
