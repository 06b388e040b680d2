// Rows out of LMDB: copied from its one reused buffer into slabs, so that a row costs one small object and no other.
import type { EntityKey } from '../online-store.ts';
import * as layout from './lmdb-layout.ts';
import type { LmdbDatabase } from './open-lmdb.ts';

const SLAB_BYTES = 64 * 1024;

export class LmdbRowReader {
  readonly #scratch: layout.RowScratch;
  #slab: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(scratch: layout.RowScratch) {
    this.#scratch = scratch;
  }

  /** null where there is none, or a tombstone. The bytes stay valid and are the caller's. */
  read(database: LmdbDatabase, fieldId: number, entity: EntityKey): Uint8Array | null {
    // Valid until the next read.
    const record = database.getBinaryFast(this.#scratch.key(fieldId, entity));
    const rowOffset = record === undefined ? null : layout.rowOffsetIn(record, entity);
    if (record === undefined || rowOffset === null) return null;
    const sizeBytes = record.length - rowOffset;
    if (this.#position + sizeBytes > this.#slab.length) this.#newSlab(sizeBytes);
    const start = this.#position;
    record.copy(this.#slab, start, rowOffset, record.length);
    this.#position += sizeBytes;
    return this.#slab.subarray(start, this.#position);
  }

  /** The former one belongs to the rows in it. */
  #newSlab(sizeBytes: number): void {
    this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, sizeBytes));
    this.#position = 0;
  }
}
