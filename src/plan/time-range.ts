// Which event times of a part's rows matter: what an engine needs to read, and may skip files and row groups by.
import { earliestStartMicros, effectiveMicros, latestEndMicros } from '../aggregate/windows.ts';
import { byKind } from './by-kind.ts';
import type { GridNode, LabelInstantsNode, ValuesNode } from './nodes.ts';

/** Event times, both included, microseconds; null: open. */
export interface TimeRange {
  readonly fromMicros: bigint | null;
  readonly toMicros: bigint | null;
}

export const ALL_TIMES: TimeRange = { fromMicros: null, toMicros: null };

/** The earliest and latest time of labels; null without labels. */
export type LabelInterval = { readonly fromMicros: bigint; readonly toMicros: bigint } | null;

export function rangeAtLabels(
  node: ValuesNode,
  { refresh, untilMicros }: LabelInstantsNode,
  interval: LabelInterval,
): TimeRange {
  if (interval === null) return ALL_TIMES;
  const { fromMicros } = interval;
  const toMicros = untilMicros === undefined || interval.toMicros < untilMicros ? interval.toMicros : untilMicros;
  return {
    fromMicros: byKind(node, {
      // Ages count from the label's own time: rows too old to be valid at the earliest label are not needed.
      latest_row: ({ ttlMicros }) => (ttlMicros === null ? null : fromMicros - ttlMicros),
      windows: ({ windows }) => earliestStartMicros(windows, effectiveMicros(refresh, fromMicros)),
    }),
    toMicros: endOf(node, effectiveMicros(refresh, toMicros)),
  };
}

/** Of what can count at the effective time. */
const endOf = (node: ValuesNode, e: bigint): bigint =>
  byKind(node, { latest_row: () => e, windows: ({ windows }) => latestEndMicros(windows, e) });

export const rangeAtBoundary = (node: ValuesNode, boundaryMicros: bigint): TimeRange => ({
  fromMicros: byKind(node, {
    latest_row: () => null,
    windows: ({ windows }) => earliestStartMicros(windows, boundaryMicros),
  }),
  toMicros: boundaryMicros,
});

export function rangeAtGrid(node: ValuesNode, grid: GridNode): TimeRange {
  const { refresh, fromMicros, toMicros, everyMicros } = grid;
  const last = fromMicros + ((toMicros - 1n - fromMicros) / everyMicros) * everyMicros;
  return {
    // A row that is too old to be valid is a row all the same.
    fromMicros: byKind(node, {
      latest_row: () => null,
      windows: ({ windows }) => earliestStartMicros(windows, effectiveMicros(refresh, fromMicros)),
    }),
    toMicros: effectiveMicros(refresh, last),
  };
}
