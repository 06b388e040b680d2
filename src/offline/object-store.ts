// Port: immutable objects under a root (a folder, a bucket prefix). Keys are relative, with `/`, never `..`.
// Writers see no partial objects: a put is atomic. Knows no SQL.
import type { Readable } from 'node:stream';

export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes whenever the content may have changed. */
  readonly identity: string;
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
   * `last`. Whoever destroys the stream or reads it to its end frees what it holds.
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
   * Moves finished local files into the store under their keys, durably (fsync before it answers). Used for Parquet
   * parts written by an engine; they become meaningful only when a manifest names them.
   */
  adopt(files: readonly { readonly localPath: string; readonly key: string }[]): Promise<void>;
  /** A fresh local folder for work in progress, on the same file system where that matters; the caller removes it. */
  workFolder(): Promise<string>;
  /** For `plumb doctor`, where there is more to say than that writing works: one sentence. Fails as other calls do. */
  examine?(): Promise<string>;
}
