// Port: immutable objects under a root (a folder, a bucket prefix). Keys are relative, with `/`, never `..`.
// Writers see no partial objects: a put is atomic. Knows no SQL.
import type { Readable } from 'node:stream';

export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes whenever the content may have changed. */
  readonly identity: string;
  /** When it was last written, milliseconds since 1970, by the clock of the store. */
  readonly modifiedAtMillis: number;
}

/** Both ends are included, as in HTTP. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface ObjectStore extends AsyncDisposable {
  /** null when there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /**
   * Some bytes of an object, read while the stream is; null when there is no such object. STORAGE_CORRUPT where it ends before
   * `last`. Destroying the stream, or reading it to its end, frees what it holds.
   */
  readRange(key: string, range: ByteRange): Promise<Readable | null>;
  /** Replaces atomically and durably (a crash leaves the old or the new content). */
  put(key: string, content: Uint8Array): Promise<void>;
  /** Atomic and durable; false when the key exists already (nothing is changed then). */
  putIfAbsent(key: string, content: Uint8Array): Promise<boolean>;
  /** In ascending byte order of keys. `prefix` is a folder ending in `/`, or empty. */
  list(prefix: string): Promise<readonly ObjectInfo[]>;
  /** Deleting what is absent is no error. */
  delete(keys: readonly string[]): Promise<void>;
  /**
   * A local file with the object's content, for engines that read files. For a folder store it is the object itself;
   * for a remote one a cached copy, which stays until the store is closed or the object is deleted here. Never write to it.
   */
  localPath(key: string): Promise<string>;
  /**
   * Moves finished local files into the store under their keys, durably (fsync before it returns). Used for Parquet
   * parts written by an engine; they become meaningful only when a manifest names them.
   */
  adopt(files: readonly { readonly localPath: string; readonly key: string }[]): Promise<void>;
  /** A fresh local folder for work in progress, on the same file system where that matters; the caller removes it. */
  workFolder(): Promise<string>;
  /**
   * Rejects with STORAGE_UNAVAILABLE where the storage surely is not there, such as a folder that was moved away. That it does
   * not answer for now is no reason.
   */
  requirePresent?(): Promise<void>;
  /** For `plumb doctor`: one sentence on a store that can be written. Fails as other calls do. */
  examine(): Promise<string>;
  /**
   * Removes what writers that died in the middle of a write left behind and no listing shows (files of work in progress,
   * multipart uploads), if nobody has touched it since. Returns how many there were; `isDry` removes none. A store without
   * it leaves nothing of that kind behind.
   */
  removeAbandoned?(untouchedSinceMillis: number, isDry: boolean): Promise<number>;
}
