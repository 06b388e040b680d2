// Sessions in DuckDB's SQL. Of grouped rows the instants of a window as a sorted list, whose pairs of neighbours say where a
// session ends; for heavy keys see session-frames.ts. Both give the same raw columns: whole numbers, null without rows.
import type { SessionAggregate } from '../../../../schemas/types.ts';
import { letIn } from './let.ts';
import { type AggregatePrinter, type GroupedRows, only } from './printer.ts';
import { type FrameColumns, framedSessions } from './session-frames.ts';

/**
 * Where `t` is the sorted list of instants and `ends` the numbers of each session's last row. Lists of numbers alone: DuckDB 1.5.6
 * reads values out of the nulls that list_zip puts in place of structs.
 */
const PIECES = {
  rows: 'len(t)',
  sessions: 'len(ends)',
  lastRows: 'len(t) - coalesce(ends[-2], 0)',
  lastMicros: 't[-1] - t[coalesce(ends[-2], 0) + 1]',
  mostRows: 'greatest(ends[1], list_max(list_transform(list_zip(ends, ends[2:], true), lambda two: two[2] - two[1])))',
} as const;

const innerMicros = ({ gapMicros }: GroupedRows): string =>
  `list_sum(list_transform(list_zip(t, t[2:]), lambda two: CASE WHEN two[2] - two[1] <= ${gapMicros} THEN two[2] - two[1] ELSE 0 END))`;

function piece(rows: GroupedRows, sql: string): string {
  const { x, gapMicros } = rows;
  const counts = x === '*' ? [] : [`${x} IS NOT NULL`];
  const instants = `list_sort(${rows.inWindow('list(ts)', ...counts)})`;
  const neighbours = 'list_zip(t, t[2:], range(1, len(t) + 1))';
  const lasts = `list_filter(${neighbours}, lambda two: two[2] IS NULL OR two[2] - two[1] > ${gapMicros})`;
  const ends = `list_transform(${lasts}, lambda last: last[3])`;
  return letIn(instants, 't', letIn(ends, 'ends', sql));
}

interface SessionPrinter {
  readonly grouped: (rows: GroupedRows) => readonly string[];
  readonly framed: (columns: FrameColumns) => readonly string[];
  readonly value: (raw: readonly string[]) => string;
  /** Whether the longest session of each window is asked for. */
  readonly asksMost?: boolean;
}

const whole = (raw: readonly string[]): string => `CAST(${only(raw)} AS BIGINT)`;
const ratio = ([total, parts]: readonly string[]): string =>
  `CAST(${total} AS DOUBLE) / CAST(nullif(${parts}, 0) AS DOUBLE)`;
const MICROS = 1_000_000;

const PRINTERS: Readonly<Record<SessionAggregate, SessionPrinter>> = {
  session_count: {
    grouped: (rows) => [piece(rows, PIECES.sessions)],
    framed: ({ sessions }) => [sessions],
    value: (raw) => `coalesce(${whole(raw)}, 0)`,
  },
  session_events_mean: {
    grouped: (rows) => [piece(rows, PIECES.rows), piece(rows, PIECES.sessions)],
    framed: ({ rows, sessions }) => [rows, sessions],
    value: ratio,
  },
  session_events_max: {
    grouped: (rows) => [piece(rows, PIECES.mostRows)],
    framed: ({ mostRows }) => [mostRows],
    value: whole,
    asksMost: true,
  },
  session_events_last: {
    grouped: (rows) => [piece(rows, PIECES.lastRows)],
    framed: ({ lastRows }) => [lastRows],
    value: whole,
  },
  session_seconds_mean: {
    grouped: (rows) => [piece(rows, innerMicros(rows)), piece(rows, PIECES.sessions)],
    framed: ({ innerMicros, sessions }) => [innerMicros, sessions],
    value: ([total, parts]) => ratio([String(total), `(${parts} * ${MICROS})`]),
  },
  session_seconds_last: {
    grouped: (rows) => [piece(rows, PIECES.lastMicros)],
    framed: ({ lastMicros }) => [lastMicros],
    value: (raw) => ratio([only(raw), String(MICROS)]),
  },
  session_open_events: {
    grouped: (rows) => [piece(rows, `CASE WHEN ${rows.end} - t[-1] <= ${rows.gapMicros} THEN ${PIECES.lastRows} END`)],
    framed: ({ lastRows, isOpen }) => [`CASE WHEN ${isOpen} THEN ${lastRows} END`],
    value: (raw) => `coalesce(${whole(raw)}, 0)`,
  },
};

const printer = ({ grouped, framed, value, asksMost = false }: SessionPrinter): AggregatePrinter => ({
  grouped,
  framed: framedSessions(framed, asksMost),
  value,
});

export const SESSION_PRINTERS = Object.fromEntries(
  Object.entries(PRINTERS).map(([name, session]) => [name, printer(session)]),
) as Readonly<Record<SessionAggregate, AggregatePrinter>>;
