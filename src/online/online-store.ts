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

/** Rows to read: every entity × every field. */
export interface RowSelection {
  readonly entities: readonly EntityKey[];
  readonly fields: readonly FieldName[];
}

/** `[i][j]`: the row of `entities[i]` in `fields[j]`; null when there is none (tombstones too). */
export type SelectedRows = readonly (readonly (Uint8Array | null)[])[];

export interface StoredData {
  /** `rows[s]` is what `selections[s]` asked for. The caller's own: it may change them. */
  readonly rows: readonly SelectedRows[];
  /** `states[v]`: the serving state of `views[v]`, null where it has none. Shared: not to be changed. */
  readonly states: readonly (Uint8Array | null)[];
}

/** What a person should know of a store that answers. */
export interface StoreExamination {
  /** What answers, such as `redis 7.0.15 at localhost:6379`. */
  readonly found: string;
  /** Settings that may lose rows, each with what to do. */
  readonly dangers: readonly { readonly found: string; readonly advice: string }[];
}

export interface OnlineStore extends AsyncDisposable {
  /** Rejects with STORE_UNAVAILABLE when the store cannot answer. */
  ping(): Promise<void>;

  /** For `plumb doctor`: more than a ping, where a store has more to tell. */
  examine?(): Promise<StoreExamination>;

  /**
   * The whole of a lookup in one call (one round trip, where the store is remote). No state is older than any of the rows:
   * a state that was written before a row was, is seen with it. Rows of one entity are read together.
   */
  read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData>;

  /**
   * Writes rows of one field. A row whose stored token is greater than `token` stays as it is (a late, paused run
   * changes nothing); an equal or smaller one is replaced. Answers how many writes took effect. Durable when it
   * resolves, as far as the store is (docs/reference/configuration.md says what that means for each). Batches of some thousand rows in ascending order of their keys are the fastest.
   */
  writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }>;

  /** Removes all rows and tombstones of a field, in bounded steps; may be run again after a crash. */
  dropField(field: FieldName): Promise<void>;

  /** Fields that have at least one row or tombstone. */
  listFields(): Promise<readonly FieldName[]>;

  /** All views that have a state. */
  listStates(): Promise<ReadonlyMap<string, Uint8Array>>;

  /**
   * Compare-and-set: false when the stored state is not `expected` (null: absent). Durable when it resolves.
   * Rejects with STORE_UNAVAILABLE where rows that this store wrote for the view may have been lost since: the state
   * would promise what is not there.
   */
  writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean>;
}
