// What the strategies share: the scans of the job, and where keys are too heavy to be joined.
import type { RowsNode } from '../../plan/nodes.ts';
import type { TimeRange } from '../../plan/time-range.ts';
import type { ScanSql } from '../rows.ts';

export interface DuckdbContext {
  /** The FROM item of a source; the range is a hint that lets the engine skip files and row groups. */
  readonly scan: (rows: RowsNode, range: TimeRange) => ScanSql;
  /**
   * A key is heavy when its (instant, row) pairs could exceed this many times its rows and instants: the bound makes the
   * joined part of windows linear in the input by construction.
   */
  readonly pairsPerRow: number;
}
