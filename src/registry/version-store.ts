/** The part of an ObjectStore that the registry needs; the registry may not know the offline layer above it. */
export interface VersionStore {
  /** null when there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /** Atomic and durable; false when the key exists already (nothing is changed then). */
  putIfAbsent(key: string, content: Uint8Array): Promise<boolean>;
  list(prefix: string): Promise<readonly { readonly key: string }[]>;
}
