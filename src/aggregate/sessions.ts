// Sessions: maximal runs of rows in which neighbours are at most `gap` apart, from the rows inside the window. Two lists of
// runs merge by a sweep: runs that overlap, or lie at most `gap` apart, are one. Within a run neighbours are never farther apart than
// `gap`, so a run that another one reaches into joins it as a whole.
//
//   bytes   uvarint n, then by time: varint microseconds from the last row of the run before (from 1970 of the first run) to
//           its first row, varint from there to its last row, uvarint rows
import type { DataType, SessionAggregate, Value } from '../../schemas/types.ts';
import { type AggregateRule, float64, int64, rule } from './aggregate-rule.ts';
import { type Algebra, type Family, keepAll, listOf, tiled, type WindowAt } from './algebra.ts';

interface Run {
  firstMicros: bigint;
  lastMicros: bigint;
  rows: number;
}

export interface Sessions {
  /** By time; any two are more than the gap apart. */
  runs: Run[];
}

function addRun(state: Sessions, { firstMicros, lastMicros, rows }: Run, gapMicros: bigint): void {
  const { runs } = state;
  let end = runs.length;
  while (end > 0 && (runs[end - 1] as Run).firstMicros > lastMicros + gapMicros) end -= 1;
  const run: Run = { firstMicros, lastMicros, rows };
  let start = end;
  while (start > 0 && (runs[start - 1] as Run).lastMicros + gapMicros >= firstMicros) {
    start -= 1;
    const other = runs[start] as Run;
    if (other.firstMicros < run.firstMicros) run.firstMicros = other.firstMicros;
    if (other.lastMicros > run.lastMicros) run.lastMicros = other.lastMicros;
    run.rows += other.rows;
  }
  runs.splice(start, end - start, run);
}

function sessionsFamily(gapMicros: bigint): Family<Sessions> {
  return {
    kind: 'sessions',
    scope: 'tile',
    trim: keepAll,
    create: () => ({ runs: [] }),
    isEmpty: ({ runs }) => runs.length === 0,
    add: (state, _value, { eventMicros }) =>
      addRun(state, { firstMicros: eventMicros, lastMicros: eventMicros, rows: 1 }, gapMicros),
    merge: (state, { runs }) => {
      for (const run of runs) addRun(state, run, gapMicros);
    },
    write: ({ runs }, out) => {
      out.uvarint(runs.length);
      let before = 0n;
      for (const { firstMicros, lastMicros, rows } of runs) {
        out.varint(firstMicros - before);
        out.varint(lastMicros - firstMicros);
        out.uvarint(rows);
        before = lastMicros;
      }
    },
    read: (state, bytes) => {
      let before = 0n;
      for (let left = bytes.count(3); left > 0; left -= 1) {
        const firstMicros: bigint = before + bytes.varint();
        before = firstMicros + bytes.varint();
        addRun(state, { firstMicros, lastMicros: before, rows: bytes.uvarint() }, gapMicros);
      }
    },
    load: (state, [times]) => {
      for (const time of listOf(times))
        addRun(state, { firstMicros: time as bigint, lastMicros: time as bigint, rows: 1 }, gapMicros);
    },
  };
}

const rowsOf = (runs: readonly Run[]): number => runs.reduce((all, { rows }) => all + rows, 0);
const microsOf = ({ firstMicros, lastMicros }: Run): bigint => lastMicros - firstMicros;
const SECOND_MICROS = 1_000_000;

/** Of at least one run. */
const ratio = (total: number | bigint, parts: number): number => Number(total) / parts;

type Formula = (runs: readonly Run[], last: Run, window: WindowAt & { readonly gapMicros: bigint }) => Value;

const FORMULAS: Readonly<Record<SessionAggregate, Formula>> = {
  session_count: (runs) => BigInt(runs.length),
  session_events_mean: (runs) => ratio(rowsOf(runs), runs.length),
  session_events_max: (runs) => BigInt(Math.max(...runs.map(({ rows }) => rows))),
  session_events_last: (_runs, { rows }) => BigInt(rows),
  session_seconds_mean: (runs) =>
    ratio(
      runs.reduce((all, run) => all + microsOf(run), 0n),
      runs.length * SECOND_MICROS,
    ),
  session_seconds_last: (_runs, last) => ratio(microsOf(last), SECOND_MICROS),
  session_open_events: (_runs, { lastMicros, rows }, { endMicros, gapMicros }) =>
    endMicros - lastMicros <= gapMicros ? BigInt(rows) : 0n,
};

/** What a window without rows has. */
const COUNTS: ReadonlySet<SessionAggregate> = new Set(['session_count', 'session_open_events']);

export function sessions(aggregate: SessionAggregate, gapMicros: bigint): Algebra<Sessions> {
  const formula = FORMULAS[aggregate];
  const empty = COUNTS.has(aggregate) ? 0n : null;
  return tiled(sessionsFamily(gapMicros), ({ runs }, window) => {
    const last = runs.at(-1);
    return last === undefined ? empty : formula(runs, last, { ...window, gapMicros });
  });
}

const sessionRule = (aggregate: SessionAggregate, result: () => DataType): AggregateRule =>
  rule('none', result, {
    parameter: 'gap',
    // Its runs would be kept for ever.
    needsBound: true,
    empty: COUNTS.has(aggregate) ? 0n : null,
    algebra: ({ gapMicros = 0n }) => sessions(aggregate, gapMicros),
  });

export const SESSION_RULES: Readonly<Record<SessionAggregate, AggregateRule>> = {
  session_count: sessionRule('session_count', int64),
  session_events_mean: sessionRule('session_events_mean', float64),
  session_events_max: sessionRule('session_events_max', int64),
  session_events_last: sessionRule('session_events_last', int64),
  session_seconds_mean: sessionRule('session_seconds_mean', float64),
  session_seconds_last: sessionRule('session_seconds_last', float64),
  session_open_events: sessionRule('session_open_events', int64),
};
