// A root of its own beside those of nodes.ts: what a run of a continuous aggregate view reads and groups.
//
//   entries ── rows ── scan
import type { FamilyKind } from '../aggregate/algebra.ts';
import type { BoundaryNode, RowsNode } from './nodes.ts';

/**
 * What the entries of a continuous aggregate view are made of, as of one instant: of keys with few rows the rows, of the others what
 * each slot holds of each hop.
 */
export interface EntriesNode {
  readonly kind: 'entries';
  readonly view: string;
  readonly rows: RowsNode;
  readonly at: BoundaryNode;
  /** Earlier rows are in no window; null: there is one without a start. */
  readonly fromMicros: bigint | null;
  /** Keys with more rows are folded. */
  readonly mostRows: number;
  readonly slots: readonly PlannedSlot[];
}

/** Partials over the rows that meet `where` and have a `by`. */
export interface PlannedSlot {
  readonly family: FamilyKind;
  /** Ids of inputs; an `input` that is null: rows are counted. */
  readonly input: string | null;
  readonly where: string | null;
  readonly by: string | null;
  /** The most that a list keeps. */
  readonly n: number;
  /** null: all of a key's rows are one partial. */
  readonly hopMicros: bigint | null;
}
