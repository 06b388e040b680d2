// Port: the online store of one project. Holds, per entity key, one packed row per view generation ("field"), and per
// view a small serving state. Knows no SQL and no HTTP; rows and states are opaque bytes here (row-codec.ts, serving-state.ts).
// Batch-only. Every write is idempotent and fenced by a token that grows from run to run.

/** Identifies the rows of one entity: the bytes of entity-key.ts. May be of any length. */
export type EntityKey = Uint8Array;

/** The rows of one view generation: short text `<view>@<generation id>`, no control characters. */
export type FieldName = string;

export interface RowWrite {
  readonly entity: EntityKey;
  /** null: a tombstone, the key is gone. */
  readonly row: Uint8Array | null;
}

export interface OnlineStore extends AsyncDisposable {
  /** Rejects with STORE_UNAVAILABLE when the store cannot answer. */
  ping(): Promise<void>;

  /** `result[i][j]`: the row of `entities[i]` in `fields[j]`; null when there is none (tombstones too). */
  lookup(entities: readonly EntityKey[], fields: readonly FieldName[]): Promise<(Uint8Array | null)[][]>;

  /**
   * Writes rows of one field. A row whose stored token is greater than `token` stays as it is (a late, paused run
   * changes nothing); an equal or smaller one is replaced. Answers how many writes took effect. Durable when it
   * resolves. Batches of some thousand rows in ascending order of their keys are the fastest.
   */
  writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }>;

  /** Removes all rows and tombstones of a field, in bounded steps; may be run again after a crash. */
  dropField(field: FieldName): Promise<void>;

  /** Fields that have at least one row or tombstone. */
  listFields(): Promise<readonly FieldName[]>;

  /** Serving states by view name; absent views are absent. Cheap: called for every lookup. */
  readStates(views: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;

  /** All views that have a state. */
  listStates(): Promise<ReadonlyMap<string, Uint8Array>>;

  /** Compare-and-set: false when the stored state is not `expected` (null: absent). Durable when it resolves. */
  writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean>;
}
