// What an engine brings beside its dialect: how the parts of a plan are computed. Which rows count, what a value is and when
// it is INVALID are decided in plan/, aggregate/ and the files of this folder; a strategy says how it is made fast.
import type {
  BoundaryNode,
  GridNode,
  IncrementNode,
  KeyColumn,
  LabelInstantsNode,
  Labels,
  LatestRowNode,
  WindowsNode,
} from '../plan/nodes.ts';
import type { TimeRange } from '../plan/time-range.ts';
import type { Dialect } from './dialect.ts';
import type { Fragment } from './script.ts';

/** One entry for each kind of node in either table: an engine that lacks one does not compile. */
export interface Strategies {
  /** Outcome: k0…, e, row_ts, v0…, i0…, one row for each key and instant that has rows. */
  readonly atLabels: {
    windows(node: WindowsNode, part: LabelPart): Fragment;
    latest_row(node: LatestRowNode, part: LabelPart): Fragment;
  };
  /** Outcome: k0…, row_ts, v0…, i0…, of a row view `created` too, one row for each key that has rows. */
  readonly atBoundary: {
    windows(node: WindowsNode, part: BoundaryPart): Fragment;
    latest_row(node: LatestRowNode, part: BoundaryPart, increment: Incremental): Fragment;
  };
  /** Outcome: k0…, t, one row for each key and query time of the grid at which the key has a row. */
  readonly keysAtGrid: {
    windows(node: WindowsNode, part: GridPart): Fragment;
    latest_row(node: LatestRowNode, part: GridPart): Fragment;
  };
  /** SELECT of the keys of `stored` that `result` lacks, each once. */
  goneKeys(keys: readonly KeyColumn[], stored: string, result: string): string;
}

export interface LabelPart {
  /** Prefix of the part's tables: `p0`, `p1`, … */
  readonly prefix: string;
  readonly labels: Labels;
  readonly at: LabelInstantsNode;
  /** Of the rows' event times: rows outside of it change nothing. */
  readonly range: TimeRange;
}

export interface BoundaryPart {
  readonly prefix: string;
  readonly at: BoundaryNode;
  readonly range: TimeRange;
}

export interface GridPart {
  readonly prefix: string;
  readonly at: GridNode;
  readonly range: TimeRange;
}

export interface Incremental {
  readonly increment: IncrementNode | null;
  /** FROM item of the rows (k0…, ts, created, x0…, f0…) that earlier runs wrote; null: none needed. */
  readonly stored: string | null;
}

/** An engine's SQL, with the scans of one job. */
export interface EngineSql {
  readonly dialect: Dialect;
  readonly strategies: Strategies;
}
