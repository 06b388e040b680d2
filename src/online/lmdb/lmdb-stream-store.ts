// Streams into the rows of an LMDB folder: a commit is one transaction, and a read one snapshot.
import type { EntityKey, FieldName, RowSelection } from '../online-store.ts';
import {
  fieldsOf,
  isSame,
  newVersions,
  requireBounded,
  type SentinelBytes,
  sentinelsInOrder,
} from '../stream-commit.ts';
import type {
  SentinelKey,
  StoredSentinel,
  StreamRead,
  StreamStore,
  StreamTransaction,
  VersionedEntry,
} from '../stream-store.ts';
import type { LmdbAccess } from './lmdb-access.ts';
import { keysBetween } from './lmdb-access.ts';
import * as layout from './lmdb-layout.ts';
import { claimField, readField } from './lmdb-names.ts';
import type { LmdbDatabase } from './open-lmdb.ts';

export class LmdbStreamStore implements StreamStore {
  readonly #access: LmdbAccess;
  readonly #scratch = new layout.RowScratch();

  constructor(access: LmdbAccess) {
    this.#access = access;
  }

  async read({ entities, fields }: RowSelection, sentinels: readonly SentinelKey[]): Promise<StreamRead> {
    return this.#access.read((database) => {
      const ids = fields.map((field) => readField(database, field)?.id ?? null);
      return {
        entries: entities.map((entity) => ids.map((id) => this.#entry(database, id, entity))),
        sentinels: sentinels.map((key) => database.getBinary(layout.sentinelKey(key)) ?? null),
      };
    });
  }

  async commit(transaction: StreamTransaction): Promise<boolean> {
    requireBounded(transaction);
    return this.#access.write((database) => {
      if (!this.#isAsExpected(database, transaction)) return false;
      this.#put(database, transaction);
      return true;
    });
  }

  async listSentinels(field?: FieldName): Promise<readonly StoredSentinel[]> {
    return sentinelsInOrder(
      this.#access.read((database) =>
        [...sentinelKeys(database, field)].map(
          (key): SentinelBytes => ({
            key: Buffer.from(key).subarray(1),
            sentinel: database.getBinary(Buffer.from(key)) ?? Buffer.alloc(0),
          }),
        ),
      ),
    );
  }

  async dropSentinels(field: FieldName): Promise<void> {
    this.#access.write((database) => removeSentinels(database, field));
  }

  #isAsExpected(database: LmdbDatabase, { sentinels, writes }: StreamTransaction): boolean {
    const ids = new Map(writes.map(({ field }) => [field, readField(database, field)?.id ?? null]));
    return (
      sentinels.every(({ key, expected }) => isSame(database.getBinary(layout.sentinelKey(key)) ?? null, expected)) &&
      writes.every(({ entity, field, expectedVersion }) => {
        const version = this.#entry(database, ids.get(field) ?? null, entity)?.version ?? null;
        return version === expectedVersion;
      })
    );
  }

  #put(database: LmdbDatabase, transaction: StreamTransaction): void {
    const { sentinels, writes } = transaction;
    // Fenced from now on: a run has to look at each row before it replaces it.
    const ids = new Map(fieldsOf(transaction).map((field) => [field, claimField(database, field, MOST_TOKEN).id]));
    for (const { key, next } of sentinels) {
      if (next === null) database.removeSync(layout.sentinelKey(key));
      else database.putSync(layout.sentinelKey(key), Buffer.from(next));
    }
    const versions = newVersions(writes.length);
    for (const [index, { entity, field, next }] of writes.entries()) {
      const key = this.#scratch.key(ids.get(field) as number, entity);
      if (next === null) database.removeSync(key);
      else database.putSync(key, this.#scratch.record(versions[index] as bigint, entity, next));
    }
  }

  #entry(database: LmdbDatabase, fieldId: number | null, entity: EntityKey): VersionedEntry | null {
    const record = fieldId === null ? undefined : database.getBinary(this.#scratch.key(fieldId, entity));
    const rowOffset = record === undefined ? null : layout.rowOffsetIn(record, entity);
    if (record === undefined || rowOffset === null) return null;
    return { bytes: record.subarray(rowOffset), version: layout.tokenOfRecord(record) };
  }
}

/** Greater than any version. */
const MOST_TOKEN = 2n ** 63n;

const sentinelKeys = (database: LmdbDatabase, field?: FieldName): Iterable<Uint8Array> =>
  keysBetween(database, ...layout.sentinelRange(field));

/** In a transaction. */
export function removeSentinels(database: LmdbDatabase, field: FieldName): void {
  for (const key of [...sentinelKeys(database, field)]) database.removeSync(Buffer.from(key));
}
