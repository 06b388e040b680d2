// Port: the online store of one project. Holds, per entity key, one packed row per view generation ("field"), and per
// view a small serving state. Knows no SQL and no HTTP; rows and states are opaque bytes here (row-codec.ts, serving-state.ts).
// Batch-only. Every write is idempotent and fenced by a token that grows from run to run.

import type { EntityKey, FieldName, RowSelection } from './row-selection.ts';
import type { StreamStore } from './stream-store.ts';

export type { EntityKey, FieldName, RowSelection } from './row-selection.ts';

export interface RowWrite {
  readonly entity: EntityKey;
  /** null: a tombstone, the key is gone. */
  readonly row: Uint8Array | null;
  /**
   * How long the store has to keep it, from its writing on; without it, until it is replaced or removed. A store that can
   * lets it go by itself some time after that, and never before; for the others, and for the rest, there is `sweep`.
   */
  readonly lifeMillis?: number | null;
}

/** A row or a tombstone as `sweep` sees it. */
export interface StoredRecord {
  readonly token: bigint;
  /** null: a tombstone. Valid during the call only. */
  readonly row: Uint8Array | null;
}

export interface SweepStep {
  /** Records that were looked at, and removed. */
  readonly seen: number;
  readonly removed: number;
  /** Where the next step goes on, also in another process; null: this was the last one. */
  readonly cursor: string | null;
}

/** Whether the record may go; null for fields that are to be left alone. */
export type JudgeOf = (field: FieldName) => ((record: StoredRecord) => boolean) | null;

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

/** In the place of a row that could not be read. Told apart from rows by being this very object. */
export const UNREACHABLE: Uint8Array = new Uint8Array(0);

/** What a store can say although parts of it are away. */
export interface PartialData extends StoredData {
  /**
   * null: the states are of now. Otherwise they could not be read, and are those of some seconds ago; `[s][k][v]` is then
   * the token of each row (of a tombstone too), null where there is none: a row whose token is greater than that of its
   * view's state is newer than the state, and cannot be judged by it.
   */
  readonly tokens: readonly (readonly (readonly (bigint | null)[])[])[] | null;
}

/** Of one server behind a store. */
export interface StoreNodeHealth {
  readonly isConnected: boolean;
  /** Open: calls are refused at once. Half open: one call finds out whether it answers again. */
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly breakerOpenings: number;
  readonly pendingCommands: number;
}

export interface OnlineStore extends AsyncDisposable {
  /** Rejects with STORE_UNAVAILABLE when the store cannot answer. */
  ping(): Promise<void>;

  /** For `plumb doctor`: a ping, and whatever the store has to tell. */
  examine(): Promise<StoreExamination>;

  /**
   * The whole of a lookup in one call (one round trip, where the store is remote). No state is older than any of the rows:
   * a state that was written before a row was, is seen with it. Rows of one entity are read together.
   */
  read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData>;

  /**
   * The same where parts of the store may be away: rows that could not be read are UNREACHABLE. Rejects with
   * STORE_UNAVAILABLE only where the states are known neither now nor from a recent read. For a store that is there as a
   * whole or not at all it is `read`.
   */
  readPartially(selections: readonly RowSelection[], views: readonly string[]): Promise<PartialData>;

  /** One for each of its servers, in an order that changes only when they do; none for a store without servers. */
  health(): readonly StoreNodeHealth[];

  /**
   * Writes rows of one field. A row whose stored token is greater than `token` stays as it is (a late, paused run
   * changes nothing); an equal or smaller one is replaced. Returns how many writes took effect. Durable when it
   * resolves, as far as the store is (docs/reference/configuration.md says what that means for each). Batches of some thousand rows in ascending order of their keys are the fastest.
   */
  writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }>;

  /** The way in for streams. The same one at each call; it is closed with the store. */
  streams(): StreamStore;

  /** Removes all sentinels, rows and tombstones of a field, in bounded steps; may be run again after a crash. */
  dropField(field: FieldName): Promise<void>;

  /** Fields that have sentinels, rows or tombstones, or had rows that a sweep or the store itself let go. */
  listFields(): Promise<readonly FieldName[]>;

  /**
   * Looks at some records from `cursor` on (null: from the start), some `limit` of them, and removes those that may go. A
   * record that was replaced since it was judged stays. Over all steps each record that is there from the first to the last
   * is looked at, at least once. `isDry`: counts and removes nothing.
   */
  sweep(judgeOf: JudgeOf, cursor: string | null, limit: number, isDry: boolean): Promise<SweepStep>;

  /** All views that have a state. */
  listStates(): Promise<ReadonlyMap<string, Uint8Array>>;

  /**
   * Compare-and-set: false when the stored state is not `expected` (null: absent). Durable when it resolves.
   * Rejects with STORE_UNAVAILABLE where rows that this store wrote for the view may have been lost since: the state
   * would promise what is not there.
   */
  writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean>;

  /** False, and nothing changes, when the stored state is not `expected`. */
  removeState(view: string, expected: Uint8Array): Promise<boolean>;
}
