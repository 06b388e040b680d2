// `by`: a map with a state for each key. A row counts under its key where its key and its input are not null, so a key without
// a value is not in the map.
//
//   bytes   uvarint n, then in the order of the keys' UTF-8 bytes: uvarint length, the key, its state
import type { Value } from '../../schemas/types.ts';
import { type Algebra, type Family, INVALID, type Outcome, type WindowAt } from './algebra.ts';
import { orderOfTexts, orderOfValues } from './value-order.ts';

export type ByKey<S> = Map<string, S>;

function byKeyFamily<S>(inner: Family<S>): Family<ByKey<S>> {
  const stateOf = (states: ByKey<S>, key: string): S => {
    const known = states.get(key);
    if (known !== undefined) return known;
    const state = inner.create();
    states.set(key, state);
    return state;
  };
  return {
    kind: inner.kind,
    scope: inner.scope,
    create: () => new Map(),
    isEmpty: (states) => states.size === 0,
    add: (states, value, row) => {
      if (row.by !== null) inner.add(stateOf(states, row.by), value, row);
    },
    merge: (states, other) => {
      for (const [key, state] of other) inner.merge(stateOf(states, key), state);
    },
    write: (states, out) => {
      out.uvarint(states.size);
      for (const [key, state] of [...states].sort(([a], [b]) => orderOfTexts(a, b))) {
        out.uvarint(Buffer.byteLength(key));
        out.text(key);
        inner.write(state, out);
      }
    },
    read: (states, bytes) => {
      for (let left = bytes.count(2); left > 0; left -= 1)
        inner.read(stateOf(states, bytes.text(bytes.uvarint())), bytes);
    },
    trim: (states, startMicros) => {
      for (const [key, state] of states) {
        inner.trim(state, startMicros);
        if (inner.isEmpty(state)) states.delete(key);
      }
    },
    load: (states, [key, ...columns]) => {
      const state = inner.create();
      inner.load(state, columns);
      if (typeof key === 'string' && !inner.isEmpty(state)) inner.merge(stateOf(states, key), state);
    },
  };
}

/** Of a map without `top`; one with more keys in its window is INVALID, since part of it would be a wrong value. */
export const MOST_KEYS = 1000;

export interface MapOptions {
  /** Keeps the greatest values; equal ones by the bytes of their keys. Null: all, by the bytes of their keys. */
  readonly top: number | null;
  /** The keys alone. */
  readonly asKeys: boolean;
}

type Entry = readonly [key: string, value: Value];

const byTextOfKey = ([a]: Entry, [b]: Entry): number => orderOfTexts(a, b);
const byValue = (a: Entry, b: Entry): number => orderOfValues(b[1], a[1]) || byTextOfKey(a, b);

/** A list of keys, or of (key, value), in the order in which they are written. */
export function byKey<S>(inner: Algebra<S>, { top, asKeys }: MapOptions): Algebra<ByKey<S>> {
  const finalize = (states: ByKey<S>, window: WindowAt): Outcome => {
    const entries: Entry[] = [];
    for (const [key, state] of states) {
      if (!inner.holds(state, window)) continue;
      const value = inner.finalize(state, window);
      if (value === INVALID) return INVALID;
      entries.push([key, value]);
    }
    if (top === null && entries.length > MOST_KEYS) return INVALID;
    const kept = entries.sort(top === null ? byTextOfKey : byValue).slice(0, top ?? entries.length);
    return asKeys ? kept.map(([key]) => key) : kept;
  };
  return {
    family: byKeyFamily(inner.family),
    holds: (states, window) => states.values().some((state) => inner.holds(state, window)),
    finalize,
  };
}
