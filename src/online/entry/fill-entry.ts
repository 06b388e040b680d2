// What an engine computed of one key as of a batch run → the key's entry.
import { INVALID } from '../../aggregate/algebra.ts';
import type { EntryMaterial, MakeEntry, MaterialHop } from '../../aggregate/entry-material.ts';
import { advance, type Entry, emptyEntry, reaches, tileAt } from './entry.ts';
import { compileEntryCodec, type EncodedEntry } from './entry-codec.ts';
import { type EntryLayout, type Slot, tileStart } from './entry-layout.ts';
import { compileEntryReader } from './entry-reader.ts';

export interface Filling {
  /** The instant of the run: every entry's frontier. */
  readonly frontierMicros: bigint;
  /** An entry that would be bigger has its biggest slots left out. */
  readonly mostBytes: number;
  /** Of the features, in order. */
  readonly names: readonly string[];
  /** Whether a value can be INVALID without that: then each is looked at. */
  readonly canBeInvalid: boolean;
}

export function entryMaker(layout: EntryLayout, filling: Filling): MakeEntry {
  const { frontierMicros, names, canBeInvalid } = filling;
  const codec = compileEntryCodec(layout, filling.mostBytes);
  const read = compileEntryReader(layout);
  return (material) => {
    const entry = filledEntry(layout, material, frontierMicros);
    const { bytes, dropped } = encoded(entry);
    if (!canBeInvalid && dropped.length === 0) return { bytes, invalid: [] };
    const { values } = read(bytes, { atMicros: frontierMicros, isExplicit: true });
    return { bytes, invalid: names.filter((_, feature) => values[feature] === INVALID) };
  };

  /** Rows with long values may be too much by themselves: what they are folded into is not. */
  function encoded(entry: Entry): EncodedEntry {
    const whole = codec.encode(entry);
    if (whole.bytes.length <= filling.mostBytes || entry.rows.length === 0) return whole;
    advance(layout, entry, { frontierMicros, mostRows: 0 });
    return codec.encode(entry);
  }
}

function filledEntry(layout: EntryLayout, material: EntryMaterial, frontierMicros: bigint): Entry {
  const entry = emptyEntry(layout, frontierMicros);
  entry.rows.push(...material.rows);
  if (material.hops.length > 0) {
    entry.newestMicros = material.newestMicros;
    entry.createdMicros = material.createdMicros;
    for (const hop of material.hops) loadHop(layout, entry, hop);
  }
  advance(layout, entry, { frontierMicros });
  return entry;
}

function loadHop({ slots }: EntryLayout, entry: Entry, { slot: index, hop, columns }: MaterialHop): void {
  const slot = slots[index] as Slot;
  const tiles = entry.slots[index];
  const { hopMicros, family } = slot;
  const startMicros = hopMicros === null ? null : hop * hopMicros;
  if (tiles == null || (startMicros !== null && !reaches(slot, entry, startMicros))) return;
  const loaded = family.create();
  family.load(loaded, columns);
  if (family.isEmpty(loaded)) return;
  const at = slot.isTiled && startMicros !== null ? tileStart(slot.windows, entry.frontierMicros, startMicros) : 'ever';
  family.merge(tileAt(slot, tiles, at), loaded);
}
