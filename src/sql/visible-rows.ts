// Which rows a value at an instant may use, as conditions on `ts` and `created` (DESIGN section 2, "Visible rows"). Instants
// are SQL: a column, or a constant.
import type { IncrementNode, LatestRowNode, WindowsNode } from '../plan/nodes.ts';
import type { TimeRange } from '../plan/time-range.ts';
import { windowStartSql } from './instants.ts';

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

/** Rows in any of the windows. */
export function rowsInWindows(node: WindowsNode, { e, known }: InstantSql): readonly string[] {
  return [`ts < ${e}`, ...sinceEarliestStart(node, e), ...(node.rows.createdVisibility ? [`created <= ${known}`] : [])];
}

function sinceEarliestStart(node: WindowsNode, e: string): readonly string[] {
  const starts = node.windows.map((window) => windowStartSql(e, window));
  if (starts.some((start) => start === null)) return [];
  return starts.length === 1 ? [`ts >= ${starts[0]}`] : [`ts >= least(${starts.join(', ')})`];
}

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
