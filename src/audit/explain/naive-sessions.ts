// Sessions of the rows of one window, in plain loops.
import type { SessionAggregate, Value } from '../../../schemas/types.ts';

interface SessionSpan {
  readonly gapMicros: bigint;
  /** The first instant behind the window. */
  readonly endMicros: bigint;
}

/** `instants`: of the rows, in any order. */
export function naiveSessions(
  instants: readonly bigint[],
  { gapMicros, endMicros }: SessionSpan,
): Readonly<Record<SessionAggregate, Value>> {
  const found: bigint[][] = [];
  for (const micros of instants.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    const former = found.at(-1);
    if (former !== undefined && micros - (former.at(-1) as bigint) <= gapMicros) former.push(micros);
    else found.push([micros]);
  }
  const last = found.at(-1);
  if (last === undefined) return NONE;
  const lengths = found.map(lengthOf);
  const isOpen = endMicros - (last.at(-1) as bigint) <= gapMicros;
  return {
    session_count: BigInt(found.length),
    session_events_mean: instants.length / found.length,
    session_events_max: BigInt(found.reduce((most, one) => Math.max(most, one.length), 0)),
    session_events_last: BigInt(last.length),
    session_seconds_mean: Number(lengths.reduce((sum, length) => sum + length, 0n)) / (found.length * MICROS),
    session_seconds_last: Number(lengthOf(last)) / MICROS,
    session_open_events: isOpen ? BigInt(last.length) : 0n,
  };
}

const MICROS = 1_000_000;
const lengthOf = (session: readonly bigint[]): bigint => (session.at(-1) as bigint) - (session[0] as bigint);

const NONE: Readonly<Record<SessionAggregate, Value>> = {
  session_count: 0n,
  session_events_mean: null,
  session_events_max: null,
  session_events_last: null,
  session_seconds_mean: null,
  session_seconds_last: null,
  session_open_events: 0n,
};
