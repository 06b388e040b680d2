// Where the windows of a view lie at one instant: worked out once for all entries that are read at it.
import type { WindowAt } from '../../aggregate/algebra.ts';
import { hopNumber } from '../../aggregate/windows.ts';
import { type Chain, type EntryLayout, endAt, type Output, type Slot, startAt } from './entry-layout.ts';
import { type Edge, edgeAt } from './read-rows.ts';

export interface PlacedWindows {
  /** The edges of all windows, each once, where rows are cut: of an entry's rows those from an edge on are counted once for all. */
  readonly edges: readonly Edge[];
  /** The edge at the instant itself. */
  readonly headEdge: number;
  /** By slot, by chain. */
  readonly slots: readonly (readonly ChainWindows[])[];
}

export interface ChainWindows {
  /** The latest start first: a state that grows backwards in time meets them in this order. */
  readonly windows: readonly OutputWindow[];
  /** Rows from this edge on are after the windows. */
  readonly endEdge: number;
  /** Tiles from this one on are; Infinity: none is. */
  readonly endHop: number;
}

export interface OutputWindow {
  readonly output: Output;
  readonly at: WindowAt;
  /** Of its start. */
  readonly startEdge: number;
  /** The first tile, in hops of the slot; -Infinity: all. Hops are whole seconds, so their numbers are exact. */
  readonly startHop: number;
}

/** For entries of one frontier. */
export function windowsAt({ slots }: EntryLayout, atMicros: bigint, frontierMicros: bigint): PlacedWindows {
  const edges = new Map<bigint | null, number>([[atMicros, 0]]);
  const indexOf = (micros: bigint | null): number => {
    const known = edges.get(micros);
    if (known !== undefined) return known;
    edges.set(micros, edges.size);
    return edges.size - 1;
  };
  return {
    slots: slots.map((slot) => slot.chains.map((chain) => chainWindows(slot, chain, { atMicros, indexOf }))),
    edges: [...edges.keys()].map((micros) => edgeAt(micros, frontierMicros)),
    headEdge: 0,
  };
}

interface Placing {
  readonly atMicros: bigint;
  readonly indexOf: (micros: bigint | null) => number;
}

function chainWindows(
  { hopMicros }: Slot,
  { outputs, offsetMicros }: Chain,
  { atMicros, indexOf }: Placing,
): ChainWindows {
  const endMicros = endAt(outputs[0] as Output, atMicros);
  const windows = outputs.map((output) => {
    const startMicros = startAt(output, atMicros);
    const startHop = startMicros === null ? Number.NEGATIVE_INFINITY : Number(hopNumber(startMicros, hopMicros));
    return { output, at: { startMicros, endMicros }, startEdge: indexOf(startMicros), startHop };
  });
  return {
    windows: windows.sort((a, b) => (a.startHop === b.startHop ? 0 : b.startHop - a.startHop)),
    endEdge: indexOf(endMicros),
    endHop: offsetMicros === 0n ? Number.POSITIVE_INFINITY : Number(hopNumber(endMicros, hopMicros)),
  };
}
