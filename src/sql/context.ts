// What the compilers of nodes share: the dialect, the scans, the name of the part being compiled.
import type { RowsNode } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';
import type { ScanSql } from './rows.ts';

export interface CompileContext {
  readonly dialect: Dialect;
  /** The FROM item of a source; the range is a hint that lets the engine skip files and row groups. */
  readonly scan: (rows: RowsNode, range: TimeRange) => ScanSql;
  /**
   * A key is heavy when its (instant, row) pairs could exceed this many times its rows and instants: the bound makes the
   * joined part of windows linear in the input by construction.
   */
  readonly pairsPerRow: number;
}

/** Event times that matter, inclusive, microseconds; null: open. */
export interface TimeRange {
  readonly fromMicros: bigint | null;
  readonly toMicros: bigint | null;
}

export interface PartContext extends CompileContext {
  /** Prefix of the part's tables: `p0`, `p1`, … */
  readonly prefix: string;
  /** The earliest and latest label time; null without labels. Not used for boundaries. */
  readonly interval: { readonly fromMicros: bigint; readonly toMicros: bigint } | null;
}
