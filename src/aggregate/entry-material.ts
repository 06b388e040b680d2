// What an engine hands over of one key, from which its entry is made (src/online/entry/): rows as they are, or what the families
// of its slots hold of each hop of them.
import type { Value } from '../../schemas/types.ts';
import type { Position } from './algebra.ts';
import type { FAILED } from './partial.ts';

/** A row that passes the view's `where`, or on which that failed: its cells are null then. */
export interface MaterialRow {
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
  readonly position: Position | null;
  readonly by: null;
  readonly failed: boolean;
  readonly cells: readonly (Value | typeof FAILED)[];
}

/** Of the rows of one hop what one slot holds, as `Family.load` takes it. */
export interface MaterialHop {
  /** Index of the slot. */
  readonly slot: number;
  /** The number of the hop; 0 for a slot without hops. */
  readonly hop: bigint;
  readonly columns: readonly Value[];
}

export interface EntryMaterial {
  /** Of all rows of the key. */
  readonly newestMicros: bigint;
  readonly createdMicros: bigint | null;
  /** All, in any order; none where they were folded. */
  readonly rows: readonly MaterialRow[];
  readonly hops: readonly MaterialHop[];
}

export interface MadeEntry {
  readonly bytes: Uint8Array;
  /** Names of the features that read INVALID at the frontier. */
  readonly invalid: readonly string[];
}

export type MakeEntry = (material: EntryMaterial) => MadeEntry;
