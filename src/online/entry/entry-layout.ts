// What an entry of a continuous aggregate view holds: which columns of its rows, and which partials, each once for all the
// features that share it. Compiled once per view.
//
//   cell     a column of a row: an input, a `where` (bool) or a `by` (string)
//   slot     the partials over (input, where, by) of one family: one state (scope head), or one for each tile of time
//   window   of a feature that reads the slot; it says where tiles may be cut
import { createHash } from 'node:crypto';
import type { Aggregate, DataType, SessionAggregate } from '../../../schemas/types.ts';
import { AGGREGATE_RULES } from '../../aggregate/aggregate-rules.ts';
import type { Algebra } from '../../aggregate/algebra.ts';
import { byKey, type MapOptions } from '../../aggregate/by-key.ts';
import { type PartialAlgebra, type PartialFamily, partialAlgebra } from '../../aggregate/partial.ts';
import { sessions } from '../../aggregate/sessions.ts';
import { floorTo } from '../../instant.ts';

export interface EntryWindow {
  /** null: unbounded. */
  readonly widthMicros: bigint | null;
  /** The grid of its start; null: unbounded. */
  readonly hopMicros: bigint | null;
  /** How long before the instant the window ends: `[floor(e - width - offset, hop), floor(e - offset, hop))`; 0: at the instant. */
  readonly offsetMicros: bigint;
}

/** Indexes are into the cells. */
export interface EntryFeature extends EntryWindow {
  readonly aggregate: Aggregate | SessionAggregate;
  /** null: rows. */
  readonly input: number | null;
  readonly where: number | null;
  readonly by: (MapOptions & { readonly cell: number }) | null;
  readonly n: number | null;
  readonly p: number | null;
  /** Of sessions. */
  readonly gapMicros: bigint | null;
}

export interface EntryDefinition {
  readonly cells: readonly DataType[];
  readonly features: readonly EntryFeature[];
  /** Whether created times hide rows (`visibleFrom: created_time`). */
  readonly hidesByCreated: boolean;
}

/** The features of a slot whose windows end together. */
export interface Chain {
  readonly offsetMicros: bigint;
  readonly outputs: readonly Output[];
}

export interface Output extends EntryWindow {
  /** Which feature; PRESENCE: whether a window with an offset holds a row. */
  readonly feature: number;
  readonly algebra: PartialAlgebra<unknown>;
}

export const PRESENCE = -1;

export interface Slot {
  readonly input: number | null;
  readonly where: number | null;
  readonly by: number | null;
  readonly family: PartialFamily<unknown>;
  /** The most that `last_n` of its features asks for; null: none does. */
  readonly n: number | null;
  readonly isTiled: boolean;
  /** Of the finest window; null where all are unbounded. */
  readonly hopMicros: bigint | null;
  readonly windows: readonly EntryWindow[];
  readonly chains: readonly Chain[];
}

export interface EntryLayout extends EntryDefinition {
  readonly slots: readonly Slot[];
  /** The first five bytes of a SHA-256 over all that decides what the bytes of an entry mean. */
  readonly hash: Uint8Array;
}

export function entryLayout(definition: EntryDefinition): EntryLayout {
  const asked = definition.features.map((feature, index) => ({ feature, index }));
  const present = asked.filter(({ feature }) => feature.offsetMicros > 0n).map(({ feature }) => presenceOf(feature));
  const groups = Map.groupBy([...asked, ...present], ({ feature }) => slotKey(definition, feature));
  const slots = [...groups.values()].map((group) => slotOf(definition, group));
  return { ...definition, slots, hash: hashOf(definition, [...groups.keys()]) };
}

interface Asked {
  readonly feature: EntryFeature;
  readonly index: number;
}

/** Windows that do not end at the head are known to hold a row only by counting. */
const presenceOf = (feature: EntryFeature): Asked => ({
  index: PRESENCE,
  feature: { ...feature, aggregate: 'count', input: null, where: null, by: null, n: null, p: null, gapMicros: null },
});

const isSession = (aggregate: string): aggregate is SessionAggregate => aggregate.startsWith('session_');

/** `n`: the most that a slot keeps, or what the feature asks for. */
function algebraOf(
  { cells }: EntryDefinition,
  { aggregate, input, by, p, gapMicros }: EntryFeature,
  { n, hopMicros }: { readonly n: number | null; readonly hopMicros: bigint | null },
): Algebra<unknown> {
  const type = input === null ? 'int64' : (cells[input] as DataType);
  const inner: Algebra<unknown> = isSession(aggregate)
    ? sessions(aggregate, gapMicros ?? 0n)
    : AGGREGATE_RULES[aggregate].algebra({ type, n, p, hopMicros });
  return by === null ? inner : byKey(inner, by);
}

function slotKey(definition: EntryDefinition, feature: EntryFeature): string {
  const { family } = algebraOf(definition, feature, { n: feature.n, hopMicros: null });
  const { input, where, by, gapMicros, offsetMicros } = feature;
  // With an offset a state cannot serve every window, so it is kept by tile.
  const isTiled = family.scope === 'tile' || offsetMicros > 0n;
  return JSON.stringify([family.kind, input, where, by?.cell ?? null, String(gapMicros), isTiled]);
}

function slotOf(definition: EntryDefinition, group: readonly Asked[]): Slot {
  const [first] = group as readonly [Asked];
  const windows = group.map(({ feature }) => feature);
  const hopMicros = finest(windows);
  const most = windows.reduce<number | null>((most, { n }) => (n === null ? most : Math.max(n, most ?? 0)), null);
  const { family } = partialAlgebra(algebraOf(definition, first.feature, { n: most, hopMicros }), hopMicros);
  const outputs = group.map(({ feature, index }) => {
    const { widthMicros, offsetMicros } = feature;
    const algebra = partialAlgebra(algebraOf(definition, feature, { n: feature.n, hopMicros }), hopMicros);
    return { feature: index, algebra, widthMicros, hopMicros: feature.hopMicros, offsetMicros };
  });
  const { input, where, by, offsetMicros } = first.feature;
  return {
    ...{ input, where, by: by?.cell ?? null, family, n: most, hopMicros, windows },
    isTiled: family.scope === 'tile' || offsetMicros > 0n,
    chains: [...Map.groupBy(outputs, endKey).values()].map((chained) => ({
      offsetMicros: (chained[0] as Output).offsetMicros,
      outputs: chained,
    })),
  };
}

/** Windows without an offset end at the instant; others where their hop says. */
const endKey = ({ offsetMicros, hopMicros }: EntryWindow): string =>
  offsetMicros === 0n ? '' : `${offsetMicros} ${hopMicros}`;

/** Hops of one view divide one another. */
const finest = (windows: readonly EntryWindow[]): bigint | null =>
  windows.reduce<bigint | null>(
    (finest, { hopMicros }) => (hopMicros !== null && (finest === null || hopMicros < finest) ? hopMicros : finest),
    null,
  );

function hashOf({ cells, features, hidesByCreated }: EntryDefinition, slotKeys: readonly string[]): Uint8Array {
  const windows = features.map(({ widthMicros, hopMicros, offsetMicros, n }) =>
    [widthMicros, hopMicros, offsetMicros, n].map(String),
  );
  const text = JSON.stringify([cells, slotKeys, windows, hidesByCreated]);
  return createHash('sha256').update(text).digest().subarray(0, 5);
}

/** The first instant inside of the window at `micros`; null: unbounded. */
export function startAt({ widthMicros, hopMicros, offsetMicros }: EntryWindow, micros: bigint): bigint | null {
  return widthMicros === null ? null : floorTo(micros - widthMicros - offsetMicros, hopMicros ?? 1n);
}

/** The first instant after the window at `micros`. */
export const endAt = ({ hopMicros, offsetMicros }: EntryWindow, micros: bigint): bigint =>
  offsetMicros === 0n ? micros : floorTo(micros - offsetMicros, hopMicros ?? 1n);

/** The first instant that a window at the frontier, or at any later instant, reaches; null: all. */
export function reachOf(windows: readonly EntryWindow[], frontierMicros: bigint): bigint | null {
  let reach = frontierMicros;
  for (const window of windows) {
    const start = startAt(window, frontierMicros);
    if (start === null) return null;
    if (start < reach) reach = start;
  }
  return reach;
}

/**
 * The start of the tile that a row before the frontier is kept in: on the grid of the finest window that reaches it, now or
 * later, so no window ever cuts a tile. `ever`: before the reach of all bounded windows.
 */
export function tileStart(windows: readonly EntryWindow[], frontierMicros: bigint, micros: bigint): bigint | 'ever' {
  let hop: bigint | null = null;
  for (const window of windows) {
    const start = startAt(window, frontierMicros);
    const { hopMicros } = window;
    if (start !== null && start <= micros && hopMicros !== null && (hop === null || hopMicros < hop)) hop = hopMicros;
  }
  return hop === null ? 'ever' : floorTo(micros, hop);
}
