// The packed entry, version 2, kind 2: what the online store holds of one entity in a continuous aggregate view. Frozen;
// docs/specs/entry-codec.md has it in full. Numbers are LEB128, as in docs/specs/partials.md.
//
//   offset  bytes
//   0       1      format version, 2
//   1       1      kind of record, 2 = entry
//   2       1      flags: 1 newest event time folded, 2 greatest created time folded
//   3       5      layout: the first 5 bytes of a SHA-256 (entry-layout.ts)
//   8       …      varint frontier; with 1: varint frontier - newest; with 2: varint created - frontier
//   …       …      rows, newest first (entry-rows.ts)
//   …       …      per slot: uvarint length, 0 where it was too big; its state, or its tiles, newest first
import { ByteReader } from '../../byte-reader.ts';
import { ByteWriter } from '../../byte-writer.ts';
import type { Entry, SlotState } from './entry.ts';
import type { EntryLayout, Slot } from './entry-layout.ts';
import { type RowsCodec, rowsCodec } from './entry-rows.ts';

const VERSION = 2;
const KIND_ENTRY = 2;
const FLAG = { newest: 1, created: 2 } as const;
const LAYOUT_OFFSET = 3;
const HEADER_BYTES = 8;

export interface EntryCodec {
  encode(entry: Entry): EncodedEntry;
  /** STORAGE_CORRUPT for bytes that are no entry of this layout. */
  decode(bytes: Uint8Array): Entry;
}

export interface EncodedEntry {
  readonly bytes: Uint8Array;
  /** The features that were left out because the entry would be too big: they read INVALID. */
  readonly dropped: readonly number[];
}

/** `mostBytes`: while an entry is bigger, its biggest slot is left out. */
export function compileEntryCodec(layout: EntryLayout, mostBytes: number): EntryCodec {
  const rows = rowsCodec(layout);
  const out = new ByteWriter();
  return {
    encode: (entry) => {
      const states = layout.slots.map((slot, i) => stateBytes(slot, entry.slots[i] ?? null, out));
      const head = headBytes({ layout, rows, out }, entry);
      const dropped = drop(states, mostBytes - head.length);
      out.begin(0);
      out.copy(head);
      for (const state of states) {
        out.uvarint(state.length);
        out.copy(state);
      }
      return { bytes: out.finish(), dropped: dropped.flatMap((slot) => featuresOf(layout.slots[slot] as Slot)) };
    },
    decode: (bytes) => {
      const reader = new ByteReader();
      const { frontierMicros, newestMicros, createdMicros } = openEntry(layout, bytes, reader);
      const read = rows.read(frontierMicros, reader).toRows();
      const slots = layout.slots.map((slot) => readState(slot, reader));
      reader.requireEnd();
      return { frontierMicros, newestMicros, createdMicros, rows: read, slots };
    },
  };
}

const featuresOf = ({ chains }: Slot): readonly number[] =>
  chains.flatMap(({ outputs }) => outputs.map(({ feature }) => feature)).filter((feature) => feature >= 0);

interface Writing {
  readonly layout: EntryLayout;
  readonly rows: RowsCodec;
  readonly out: ByteWriter;
}

function headBytes({ layout, rows, out }: Writing, entry: Entry): Uint8Array {
  const { frontierMicros, newestMicros, createdMicros } = entry;
  const start = out.begin(HEADER_BYTES);
  out.bytes[start] = VERSION;
  out.bytes[start + 1] = KIND_ENTRY;
  out.bytes[start + 2] = (newestMicros === null ? 0 : FLAG.newest) | (createdMicros === null ? 0 : FLAG.created);
  out.bytes.set(layout.hash, start + LAYOUT_OFFSET);
  out.varint(frontierMicros);
  if (newestMicros !== null) out.varint(frontierMicros - newestMicros);
  if (createdMicros !== null) out.varint(createdMicros - frontierMicros);
  rows.write(entry.rows, frontierMicros, out);
  return out.finish();
}

/** Which slots were emptied, the biggest first. */
function drop(states: Uint8Array[], mostBytes: number): readonly number[] {
  const sizes = states.map(({ length }, slot) => ({ length, slot })).sort((a, b) => b.length - a.length);
  let total = sizes.reduce((all, { length }) => all + length, 0);
  const dropped: number[] = [];
  for (const { length, slot } of sizes) {
    if (total <= mostBytes || length === 0) break;
    states[slot] = new Uint8Array(0);
    dropped.push(slot);
    total -= length;
  }
  return dropped;
}

/** A view of what `out` has; with a writer of its own each slot would make a slab. */
function stateBytes(slot: Slot, tiles: SlotState, out: ByteWriter): Uint8Array {
  out.begin(0);
  if (tiles === null) return out.finish();
  const ever = tiles.get('ever');
  if (!slot.isTiled) slot.family.write(ever ?? slot.family.create(), out);
  else {
    const starts = [...tiles.keys()].filter((start) => start !== 'ever').sort((a, b) => (a < b ? 1 : -1));
    out.uvarint(starts.length * 2 + (ever === undefined ? 0 : 1));
    let before: bigint | null = null;
    for (const start of starts) {
      const hop: bigint = start / (slot.hopMicros ?? 1n);
      if (before === null) out.varint(hop);
      else out.uvarint(Number(before - hop));
      before = hop;
      slot.family.write(tiles.get(start) ?? slot.family.create(), out);
    }
    if (ever !== undefined) slot.family.write(ever, out);
  }
  return out.finish();
}

function readState(slot: Slot, bytes: ByteReader): SlotState {
  const length = bytes.uvarint();
  if (length === 0) return null;
  const end = bytes.position + length;
  const tiles: Exclude<SlotState, null> = new Map();
  const add = (start: bigint | 'ever'): void => {
    const tile = slot.family.create();
    slot.family.read(tile, bytes);
    tiles.set(start, tile);
  };
  if (!slot.isTiled) add('ever');
  else {
    const cursor = openTiles(bytes);
    while (nextTile(cursor, bytes)) add(cursor.hop === EVER ? 'ever' : BigInt(cursor.hop) * (slot.hopMicros ?? 1n));
  }
  if (bytes.position !== end) throw bytes.refusal('a slot that is not as long as it says');
  return tiles;
}

/** Where a walk over the tiles of a slot is. */
export interface TileCursor {
  left: number;
  hasEver: boolean;
  /** Of the tile's start, in hops of the slot; EVER: it is the tile of all that is older. */
  hop: number;
}

export const EVER = Number.NEGATIVE_INFINITY;

export function openTiles(bytes: ByteReader): TileCursor {
  const tiles = bytes.uvarint();
  return { left: Math.floor(tiles / 2), hasEver: tiles % 2 === 1, hop: Number.NaN };
}

/** Reads the start of the next tile, which is older; false where there is none. */
export function nextTile(cursor: TileCursor, bytes: ByteReader): boolean {
  if (cursor.left > 0) {
    cursor.left -= 1;
    cursor.hop = Number.isNaN(cursor.hop) ? Number(bytes.varint()) : cursor.hop - bytes.uvarint();
    return true;
  }
  const { hasEver } = cursor;
  cursor.hop = EVER;
  cursor.hasEver = false;
  return hasEver;
}

/** The header; `bytes` then stands before the rows. */
export function openEntry(
  { hash }: EntryLayout,
  entry: Uint8Array,
  bytes: ByteReader,
): Pick<Entry, 'frontierMicros' | 'newestMicros' | 'createdMicros'> {
  bytes.open(entry, 'An entry of the online store');
  const [version, kind, flags] = [bytes.byte(), bytes.byte(), bytes.byte()];
  if (version !== VERSION || kind !== KIND_ENTRY)
    throw bytes.refusal(`version ${version} and kind ${kind}, expected ${VERSION} and ${KIND_ENTRY},`);
  if (flags > (FLAG.newest | FLAG.created)) throw bytes.refusal(`flags ${flags}, expected at most 3,`);
  for (const byte of hash) if (bytes.byte() !== byte) throw bytes.refusal('another layout of features');
  const frontierMicros = bytes.varint();
  const newestMicros = (flags & FLAG.newest) === 0 ? null : frontierMicros - bytes.varint();
  const createdMicros = (flags & FLAG.created) === 0 ? null : frontierMicros + bytes.varint();
  return { frontierMicros, newestMicros, createdMicros };
}
