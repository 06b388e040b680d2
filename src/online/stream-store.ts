// Port: how events reach the online store. A stream processor reads entries with the sentinels that say which events are in
// them, and commits new entries and sentinels together or not at all. Entries are rows of the online store: lookups see them.
// Sentinels and entries are opaque bytes here. The processor tries again; the store never does: a commit that was sent twice
// would find its own sentinel.
import type { EntityKey, FieldName, RowSelection } from './row-selection.ts';

/** Of one commit: a script holds Redis up, and a transaction of LMDB all other writers. */
export const MOST_STREAM_WRITES = 1000;
/** Of all entities, entries, sources and sentinels of a commit together. */
export const MOST_STREAM_BYTES = 4 * 1024 * 1024;

/** One per field and partition. Its sentinel says how far the partition's events are in the entries of the field. */
export interface SentinelKey {
  readonly field: FieldName;
  /** Short text, no control characters. */
  readonly source: string;
  /** A uint32. */
  readonly partition: number;
}

export interface StoredSentinel {
  readonly key: SentinelKey;
  readonly sentinel: Uint8Array;
}

export interface VersionedEntry {
  readonly bytes: Uint8Array;
  /**
   * Another one after each commit that wrote the entry. It lies in the place of a row's token. That of an entry is random
   * and greater than the token of any run, so no run replaces an entry. A row of a run has the token as its version.
   */
  readonly version: bigint;
}

export interface StreamRead {
  /** `[i][j]`: of `entities[i]` in `fields[j]`; null where there is none, or a tombstone. The caller's own. */
  readonly entries: readonly (readonly (VersionedEntry | null)[])[];
  /** `[k]`: of `sentinels[k]`; null where there is none. */
  readonly sentinels: readonly (Uint8Array | null)[];
}

export interface StreamWrite {
  readonly entity: EntityKey;
  readonly field: FieldName;
  /** As it was read; null: no entry was there. */
  readonly expectedVersion: bigint | null;
  /** null: the entry is removed, and leaves no tombstone. */
  readonly next: Uint8Array | null;
}

export interface SentinelWrite {
  readonly key: SentinelKey;
  /** As it was read; null: none was there. */
  readonly expected: Uint8Array | null;
  /** null: it is removed. */
  readonly next: Uint8Array | null;
}

/** Each sentinel, and each entry, is named once at most. */
export interface StreamTransaction {
  readonly sentinels: readonly SentinelWrite[];
  readonly writes: readonly StreamWrite[];
}

/**
 * NOT_SUPPORTED where the store takes no streams (Redis Cluster), INVALID_CONFIG where it may drop entries by itself (any
 * maxmemory-policy of Redis but noeviction).
 */
export interface StreamStore {
  /** No entry is older than a sentinel: it has all events that the sentinel says. */
  read(selection: RowSelection, sentinels: readonly SentinelKey[]): Promise<StreamRead>;

  /**
   * All or nothing. False, and nothing changes, where a sentinel is not `expected` or an entry has another version than
   * expected. Ordered; in Redis not durable at once: what a crash loses, it loses from the last commit backwards. TOO_LARGE
   * beyond MOST_STREAM_WRITES or MOST_STREAM_BYTES. After STORE_UNAVAILABLE it may have happened or not: read again, and go
   * on from the sentinel.
   */
  commit(transaction: StreamTransaction): Promise<boolean>;

  /** Of one field, or of all; by field, source and partition. */
  listSentinels(field?: FieldName): Promise<readonly StoredSentinel[]>;

  /** Entries stay. Commits that expect a sentinel of the field change nothing from then on. `dropField` does it too. */
  dropSentinels(field: FieldName): Promise<void>;
}
