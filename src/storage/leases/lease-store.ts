/** The part of an ObjectStore that leases need; put-if-absent is the only condition that a storage has to keep. */
export interface LeaseStore {
  /** null when there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /** Replaces atomically. */
  put(key: string, content: Uint8Array): Promise<void>;
  /** Atomic and durable; false when the key exists already (nothing is changed then). */
  putIfAbsent(key: string, content: Uint8Array): Promise<boolean>;
  list(prefix: string): Promise<readonly { readonly key: string }[]>;
  /** Deleting what is absent is no error. */
  delete(keys: readonly string[]): Promise<void>;
}
