// A partial: the state of a family, and whether a row failed in it (an expression that overflowed, say), which makes a value
// INVALID while the window holds that row.
//
//   bytes   byte flags: 1 a row failed, 2 the state is there; varint hop number of the newest row that failed; the state
import type { Value } from '../../schemas/types.ts';
import { type AggregateRow, type Algebra, type Family, INVALID, type WindowAt } from './algebra.ts';
import { hopNumber } from './windows.ts';

export interface Partial<S> {
  /** null: none failed. */
  failedHop: bigint | null;
  readonly state: S;
}

const FLAG = { failed: 1, state: 2 } as const;

/** In place of the input of a row on which it, or the `where`, failed. */
export const FAILED = Symbol('FAILED');
export type Input = Value | typeof FAILED;

/** `kind` and `scope` are those of the inner family. */
export interface PartialFamily<S> extends Omit<Family<Partial<S>>, 'add' | 'isSettled'> {
  /** Of rows that did not fail. */
  isSettled?(partial: Partial<S>, eventMicros: bigint): boolean;
  /** A null input is ignored. */
  add(partial: Partial<S>, input: Input, row: AggregateRow): void;
}

export interface PartialAlgebra<S> extends Omit<Algebra<Partial<S>>, 'family'> {
  readonly family: PartialFamily<S>;
}

function fail(partial: { failedHop: bigint | null }, hop: bigint | null): void {
  if (hop !== null && (partial.failedHop === null || hop > partial.failedHop)) partial.failedHop = hop;
}

function partialFamily<S>(inner: Family<S>, hopMicros: bigint | null): PartialFamily<S> {
  const { isSettled } = inner;
  return {
    kind: inner.kind,
    scope: inner.scope,
    ...(isSettled === undefined ? {} : { isSettled: ({ state }, eventMicros) => isSettled(state, eventMicros) }),
    create: () => ({ failedHop: null, state: inner.create() }),
    isEmpty: ({ failedHop, state }) => failedHop === null && inner.isEmpty(state),
    add: (partial, input, row) => {
      if (input === FAILED) fail(partial, hopNumber(row.eventMicros, hopMicros));
      else if (input !== null) inner.add(partial.state, input, row);
    },
    merge: (partial, { failedHop, state }) => {
      fail(partial, failedHop);
      inner.merge(partial.state, state);
    },
    write: ({ failedHop, state }, out) => {
      const isEmpty = inner.isEmpty(state);
      out.byte((failedHop === null ? 0 : FLAG.failed) | (isEmpty ? 0 : FLAG.state));
      if (failedHop !== null) out.varint(failedHop);
      if (!isEmpty) inner.write(state, out);
    },
    read: (partial, bytes) => {
      const flags = bytes.byte();
      if (flags > (FLAG.failed | FLAG.state)) throw bytes.refusal(`flags ${flags} of a partial, expected at most 3,`);
      if ((flags & FLAG.failed) !== 0) fail(partial, bytes.varint());
      if ((flags & FLAG.state) !== 0) inner.read(partial.state, bytes);
    },
    trim: (partial, startMicros) => {
      if (partial.failedHop !== null && partial.failedHop < hopNumber(startMicros, hopMicros)) partial.failedHop = null;
      inner.trim(partial.state, startMicros);
    },
    load: (partial, [failedHop, ...columns]) => {
      fail(partial, failedHop == null ? null : BigInt(failedHop as bigint));
      inner.load(partial.state, columns);
    },
  };
}

/** Of an algebra; `hopMicros` as it has it. */
export function partialAlgebra<S>(inner: Algebra<S>, hopMicros: bigint | null): PartialAlgebra<S> {
  const hasFailed = (failedHop: bigint | null, { startMicros }: WindowAt): boolean =>
    failedHop !== null && (startMicros === null || failedHop >= hopNumber(startMicros, hopMicros));
  return {
    family: partialFamily(inner.family, hopMicros),
    holds: ({ failedHop, state }, window) => hasFailed(failedHop, window) || inner.holds(state, window),
    finalize: ({ failedHop, state }, window) =>
      hasFailed(failedHop, window) ? INVALID : inner.finalize(state, window),
  };
}
