// Which rows a value at an instant may use, as conditions on `ts` and `created` (DESIGN section 2, "Visible rows"). Instants
// are SQL: a column, or a constant.
import type { EntriesNode } from '../plan/entries-node.ts';
import type { IncrementNode, LatestRowNode, Window, WindowsNode } from '../plan/nodes.ts';
import type { TimeRange } from '../plan/time-range.ts';
import { windowEndSql, windowStartSql } from './instants.ts';

/** The instant `e` of a value, and until when rows had to be known to count. */
export interface InstantSql {
  readonly e: string;
  readonly known: string;
}

/** An instant of labels, in the column `e`. */
export const labelInstant = ({ delayMicros }: WindowsNode | LatestRowNode): InstantSql => ({
  e: 'e',
  known: `e + ${delayMicros}`,
});

/** Rows from the start of the first window to the end of the last one: in some window, or between two. */
export const rowsAroundWindows = (node: WindowsNode, { e, known }: InstantSql): readonly string[] => [
  ...beforeLatestEnd(node, e, 'ts'),
  ...sinceEarliestStart(node, e, 'ts'),
  ...(node.rows.createdVisibility ? [`created <= ${known}`] : []),
];

/** Rows in any of the windows: a key with none is not found. */
export const rowsInWindows = (node: WindowsNode, instant: InstantSql): readonly string[] => [
  ...rowsAroundWindows(node, instant),
  ...(haveGaps(node) ? [`(${inSomeWindow(node, instant.e).join(' OR ')})`] : []),
];

/** Whether windows may leave out rows between them: where one ends before the instant. */
export const haveGaps = ({ windows }: WindowsNode): boolean => windows.some(endsBefore);

const endsBefore = ({ leadMicros = 0n }: Window): boolean => leadMicros < 0n;

function inSomeWindow({ windows }: WindowsNode, e: string): readonly string[] {
  const conditions = windows.map((window) => {
    const start = windowStartSql(e, window);
    return `${start === null ? '' : `ts >= ${start} AND `}ts < ${windowEndSql(e, window)}`;
  });
  return [...new Set(conditions)];
}

/** Of rows from `first` to `last`: whether any of the windows reaches into that span. */
export const spanMeetsWindows = (
  node: WindowsNode,
  e: string,
  { first, last }: { readonly first: string; readonly last: string },
): readonly string[] => [...beforeLatestEnd(node, e, first), ...sinceEarliestStart(node, e, last)];

function beforeLatestEnd(node: WindowsNode, e: string, ts: string): readonly string[] {
  const ends = [...new Set(node.windows.map((window) => windowEndSql(e, window)))];
  return ends.length <= 1 ? [`${ts} < ${ends[0] ?? e}`] : [`${ts} < greatest(${ends.join(', ')})`];
}

function sinceEarliestStart(node: WindowsNode, e: string, ts: string): readonly string[] {
  const starts = [...new Set(node.windows.map((window) => windowStartSql(e, window)))];
  if (starts.some((start) => start === null)) return [];
  return starts.length === 1 ? [`${ts} >= ${starts[0]}`] : [`${ts} >= least(${starts.join(', ')})`];
}

/** Rows that entries are made of: between windows too, since windows move on. */
export const rowsOfEntries = ({ rows, at, fromMicros }: EntriesNode): readonly string[] => [
  `ts < ${at.effectiveMicros}`,
  ...(fromMicros === null ? [] : [`ts >= ${fromMicros}`]),
  ...(rows.createdVisibility ? [`created <= ${at.knownMicros}`] : []),
];

export const rowsBefore = (
  { strictlyBefore, rows: { createdVisibility } }: LatestRowNode,
  { e, known }: InstantSql,
): readonly string[] => [
  strictlyBefore ? `ts < ${e}` : `ts <= ${e}`,
  ...(createdVisibility ? [`created <= ${known}`] : []),
];

/** The first instant at which a row is seen. */
export function visibleFromSql({ strictlyBefore, delayMicros, rows }: LatestRowNode): string {
  const happened = strictlyBefore ? 'ts + 1' : 'ts';
  return rows.createdVisibility ? `greatest(${happened}, created - ${delayMicros})` : happened;
}

/** Rows that an incremental run reads. */
export const rowsSince = ({ eventMicros, createdMicros }: IncrementNode): string =>
  createdMicros === null ? `ts >= ${eventMicros}` : `(ts >= ${eventMicros} OR created >= ${createdMicros})`;

export const rowsInRange = ({ fromMicros, toMicros }: TimeRange): readonly string[] => [
  ...(fromMicros === null ? [] : [`ts >= ${fromMicros}`]),
  ...(toMicros === null ? [] : [`ts <= ${toMicros}`]),
];
