// count_distinct: each distinct value with the newest hop in which it was, so that a window that starts later leaves it out.
//
//   state: canonical text → (value, newest hop)
//   bytes: uvarint count, then in the order of the values: the value, varint hop number (event time / hop, floored)
import type { Value } from '../../schemas/types.ts';
import { int64, rule } from './aggregate-rule.ts';
import { type Algebra, type AlgebraInput, type Family, listOf, type WindowAt } from './algebra.ts';
import { canonicalText } from './canonical-bytes.ts';
import { valueCodec } from './value-codec.ts';
import { orderOfValues } from './value-order.ts';
import { hopNumber } from './windows.ts';

interface Seen {
  readonly value: Value;
  hop: bigint;
}
export type Distinct = Map<string, Seen>;

function keep(state: Distinct, key: string, value: Value, hop: bigint): void {
  const seen = state.get(key);
  if (seen === undefined) state.set(key, { value, hop });
  else if (hop > seen.hop) seen.hop = hop;
}

function distinctFamily({ type, hopMicros }: AlgebraInput): Family<Distinct> {
  const codec = valueCodec(type);
  const keyOf = canonicalText(type);
  return {
    kind: 'distinct',
    scope: 'head',
    create: () => new Map(),
    isEmpty: (state) => state.size === 0,
    add: (state, value, { eventMicros }) => keep(state, keyOf(value), value, hopNumber(eventMicros, hopMicros)),
    merge: (state, other) => {
      for (const [key, { value, hop }] of other) keep(state, key, value, hop);
    },
    write: (state, out) => {
      out.uvarint(state.size);
      for (const { value, hop } of [...state.values()].sort((a, b) => orderOfValues(a.value, b.value))) {
        codec.write(value, out);
        out.varint(hop);
      }
    },
    read: (state, bytes) => {
      for (let left = bytes.count(2); left > 0; left -= 1) {
        const value = codec.read(bytes);
        keep(state, keyOf(value), value, bytes.varint());
      }
    },
    trim: (state, startMicros) => {
      const firstHop = hopNumber(startMicros, hopMicros);
      for (const [key, { hop }] of state) if (hop < firstHop) state.delete(key);
    },
    load: (state, [values, hops]) => {
      for (const [i, value] of listOf(values).entries())
        keep(state, keyOf(value), value, BigInt(listOf(hops)[i] as bigint));
    },
  };
}

function distinct(input: AlgebraInput): Algebra<Distinct> {
  const inWindow = (state: Distinct, { startMicros }: WindowAt): number => {
    if (startMicros === null) return state.size;
    const firstHop = hopNumber(startMicros, input.hopMicros);
    let values = 0;
    for (const { hop } of state.values()) if (hop >= firstHop) values += 1;
    return values;
  };
  return {
    family: distinctFamily(input),
    holds: (state, window) => inWindow(state, window) > 0,
    finalize: (state, window) => BigInt(inWindow(state, window)),
  };
}

/** Exact: it keeps every distinct value of the window. */
export const countDistinct = rule('any', int64, { empty: 0n, needsBound: true, algebra: distinct });
