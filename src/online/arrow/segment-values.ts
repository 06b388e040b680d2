// The values of one segment of one row → the columns that they belong to.
import { BYTES_PER_STEP } from '../answer-json.ts';
import type { OpenedRow } from '../lookup/live-view.ts';
import type { Segment } from '../lookup/segments.ts';
import { notFitting } from '../row-codec.ts';
import { requireWithin, type StoredRow, textEnd, textStart } from '../stored-row.ts';
import type { FeatureColumn } from './answer-schema.ts';
import { addText, type Column } from './column.ts';
import type { Pace } from './pace.ts';

export interface FeatureColumns {
  readonly features: readonly FeatureColumn[];
  /** One each. */
  readonly values: readonly Column[];
}

export interface Place {
  readonly segment: Segment;
  /** Position in the packed row: where to begin. */
  readonly feature: number;
  /** The column of that feature. */
  readonly output: number;
}

/** Returns where it stopped, as its step is over: a feature of the segment, or the one after its last. */
export function addSegment(columns: FeatureColumns, { row, status }: OpenedRow, place: Place, pace: Pace): number {
  try {
    return status === null
      ? addStored(columns, row as StoredRow, place, pace)
      : addShared(columns, status, place, pace);
  } catch (cause) {
    throw notFitting(cause);
  }
}

function addStored(
  { values }: FeatureColumns,
  row: StoredRow,
  { segment, feature, output }: Place,
  pace: Pace,
): number {
  const { bytes } = row;
  const first = textStart(row, feature);
  let start = first;
  let at = feature;
  for (; at <= segment.last && start - first < BYTES_PER_STEP; at += 1) {
    const end = textEnd(row, at);
    requireWithin(row, start, end);
    addText(values[output + at - feature] as Column, bytes, start, end);
    start = end + 1;
  }
  pace.read(at - feature, start - first);
  return at;
}

/** What stands where the row as a whole does not count. */
function addShared(
  { features, values }: FeatureColumns,
  status: keyof FeatureColumn['texts'],
  { segment, feature, output }: Place,
  pace: Pace,
): number {
  let bytes = 0;
  let at = feature;
  for (; at <= segment.last && bytes < BYTES_PER_STEP; at += 1) {
    const column = output + at - feature;
    const text = (features[column] as FeatureColumn).texts[status];
    addText(values[column] as Column, text, 0, text.length);
    bytes += text.length;
  }
  pace.read(at - feature, bytes);
  return at;
}
