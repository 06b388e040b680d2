// Port: the rows of one key that may count for a view, with the files they come from, so that a value can be explained.
import type { Value } from '../../schemas/types.ts';
import type { RowsNode } from '../plan/nodes.ts';
import type { TimeRange } from '../plan/time-range.ts';
import type { SourceFile } from '../storage/source-files.ts';

export interface KeyRowReading {
  /** Rows that pass `where`, or on which it fails, newest first. */
  readKeyRows(job: KeyRowsJob): Promise<KeyRows>;
}

export interface KeyRowsJob {
  readonly rows: RowsNode;
  readonly files: readonly SourceFile[];
  /** The view's join keys, in order; none is null. */
  readonly key: readonly Value[];
  /** Both ends included. */
  readonly range: TimeRange;
  /** Most rows; the newest are kept. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface KeyRows {
  /** The source's columns that the view uses. */
  readonly columns: readonly string[];
  readonly rows: readonly KeyRow[];
  /** Whether there are more rows. */
  readonly isCut: boolean;
}

export interface KeyRow {
  /** `path` of the file (source-files.ts). */
  readonly file: string;
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
  /** By input of the plan. */
  readonly inputs: readonly Value[];
  /** By input: whether it, or `where`, failed on this row. */
  readonly failed: readonly boolean[];
  readonly whereFailed: boolean;
  /** By column. */
  readonly values: readonly Value[];
}
