// Rows as the memory store keeps them.
import type { EntityKey, FieldName } from '../online-store.ts';

export interface StoredRow {
  /** Of its run; of an entry of a stream its version. */
  readonly token: bigint;
  /** null: a tombstone. */
  readonly row: Uint8Array | null;
}

export type StoredRows = Map<FieldName, Map<string, StoredRow>>;

/** One character per byte, so that different keys never meet. */
export const mapKey = (entity: EntityKey): string =>
  Buffer.from(entity.buffer, entity.byteOffset, entity.byteLength).toString('latin1');

/** A view would keep the whole slab it lies in, and callers own what they get. (`slice` of a Buffer is a view.) */
export const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
export const copyOrNull = (row: Uint8Array | null | undefined): Uint8Array | null => (row ? copy(row) : null);
