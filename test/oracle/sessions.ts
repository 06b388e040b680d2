// Sessions from the rows inside a window, one by one.
import type { Value } from './values.ts';

const SECOND = 1e6;

/** `times`: of the rows, in any order; the window ends at `end`. */
export function sessionValues(times: readonly bigint[], gap: bigint, end: bigint): Readonly<Record<string, Value>> {
  const sessions: bigint[][] = [];
  for (const time of times.toSorted((a, b) => (a < b ? -1 : 1))) {
    const open = sessions.at(-1);
    if (open !== undefined && time - (open.at(-1) ?? 0n) <= gap) open.push(time);
    else sessions.push([time]);
  }
  const length = (session: readonly bigint[]): bigint => (session.at(-1) ?? 0n) - (session[0] ?? 0n);
  const last = sessions.at(-1);
  const sum = (of: (session: readonly bigint[]) => bigint): number =>
    Number(sessions.reduce((total, session) => total + of(session), 0n));
  return {
    session_count: BigInt(sessions.length),
    session_events_mean: last ? sum((session) => BigInt(session.length)) / sessions.length : null,
    session_events_max: last ? BigInt(Math.max(...sessions.map((session) => session.length))) : null,
    session_events_last: last ? BigInt(last.length) : null,
    session_seconds_mean: last ? sum(length) / (sessions.length * SECOND) : null,
    session_seconds_last: last ? Number(length(last)) / SECOND : null,
    session_open_events: last && end - (last.at(-1) ?? 0n) <= gap ? BigInt(last.length) : 0n,
  };
}
