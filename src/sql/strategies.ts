// What an engine brings beside its dialect: how the parts of a plan are computed. Which rows count, what a value is and when
// it is INVALID are decided in plan/, aggregate/ and the files of this folder; a strategy says how it is made fast.
import type { DataType } from '../../schemas/types.ts';
import type { EntriesNode } from '../plan/entries-node.ts';
import type {
  BoundaryNode,
  GridNode,
  IncrementNode,
  KeyColumn,
  LabelInstantsNode,
  Labels,
  LatestRowNode,
  RowsNode,
  WindowsNode,
} from '../plan/nodes.ts';
import type { TimeRange } from '../plan/time-range.ts';
import type { Dialect } from './dialect.ts';
import type { Fragment, Step } from './script.ts';

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
  /** What the entries of a continuous aggregate view are made of. */
  entries(node: EntriesNode): EntriesFragment;
  /** Steps that load what `rowsSelect` joins of the rows' erased keys; none where none were erased. */
  erased(rows: readonly RowsNode[]): readonly Step[];
  /** SELECT of the keys of `stored` that `result` lacks, each once. */
  goneKeys(keys: readonly KeyColumn[], stored: string, result: string): string;
}

/** Keys by their numbers, both included. */
export interface KeyNumbers {
  readonly first: number;
  readonly last: number;
}

/** SELECTs over the tables of the steps; those of key numbers come in the order of `kid`, the number of the key. */
export interface EntriesFragment extends Omit<Fragment, 'table'> {
  /** first, last: all key numbers, in parts whose rows fit in memory. */
  readonly parts: string;
  /** kid, newest, created: of every key. */
  keys(numbers: KeyNumbers): string;
  /** kid, ts, created, then what `rowColumns` names: of keys with few rows. */
  rows(numbers: KeyNumbers): string;
  readonly rowColumns: EntryRowColumns;
  readonly hops: readonly HopsSelect[];
  /** Where `kid` BIGINT and `entry` BLOB of each key go. */
  readonly target: string;
  /** FROM item of k0…, newest and entry of each key. */
  readonly outcome: string;
}

/** Positions among the columns of `rows`; null: it cannot fail. */
export interface EntryRowColumns {
  readonly failed: number | null;
  readonly cells: readonly { readonly value: number; readonly type: DataType; readonly failed: number | null }[];
}

/** Keys with many rows: kid, hop, then the columns of each of these slots, one after the other. `type`: of a slot's input. */
export interface HopsSelect {
  readonly slots: readonly { readonly slot: number; readonly columns: number; readonly type: DataType }[];
  select(numbers: KeyNumbers): string;
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
