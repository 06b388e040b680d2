// Port: rows of a source that a view may use, drawn at random, so that values can be asked for where something happens.
import type { Value } from '../../schemas/types.ts';
import type { RowsNode } from '../plan/nodes.ts';
import type { SourceFile } from '../storage/source-files.ts';

export interface HistorySampling {
  /** Rows that count for the view, in an order that `seed` alone decides for the same rows and the same engine. */
  sampleHistory(job: HistorySampleJob): Promise<readonly HistoryRow[]>;
  /** The greatest event or created time of the rows that count for the view; null without any. */
  latestMicros(job: Pick<HistorySampleJob, 'rows' | 'files' | 'signal'>): Promise<bigint | null>;
}

export interface HistorySampleJob {
  readonly rows: RowsNode;
  readonly files: readonly SourceFile[];
  readonly seed: number;
  /** Most rows of each of the two kinds: any, and those that lie on the grid. */
  readonly limit: number;
  /** Rows stamped exactly at a multiple of it are drawn besides, and come first; null: none are. */
  readonly gridMicros: bigint | null;
  readonly signal: AbortSignal;
}

export interface HistoryRow {
  /** The view's join keys, in order. */
  readonly key: readonly Value[];
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
}
