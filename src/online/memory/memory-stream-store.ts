// Streams into the rows of a memory store.
import type { FieldName, RowSelection } from '../online-store.ts';
import {
  encodeSentinelKey,
  fieldsOf as fieldsOfCommit,
  isSame,
  newVersions,
  requireBounded,
  sentinelPrefix,
  sentinelsInOrder,
} from '../stream-commit.ts';
import type { SentinelKey, StoredSentinel, StreamRead, StreamStore, StreamTransaction } from '../stream-store.ts';
import { copy, copyOrNull, mapKey, type StoredRows } from './stored-rows.ts';

export class MemoryStreamStore implements StreamStore {
  readonly #fields: StoredRows;
  /** The bytes of its key, in latin1 → sentinel. */
  readonly #sentinels = new Map<string, Uint8Array>();

  constructor(fields: StoredRows) {
    this.#fields = fields;
  }

  async read({ entities, fields }: RowSelection, sentinels: readonly SentinelKey[]): Promise<StreamRead> {
    const rows = fields.map((field) => this.#fields.get(field));
    return {
      entries: entities.map((entity) =>
        rows.map((field) => {
          const stored = field?.get(mapKey(entity));
          return stored?.row ? { bytes: copy(stored.row), version: stored.token } : null;
        }),
      ),
      sentinels: sentinels.map((key) => copyOrNull(this.#sentinels.get(sentinelName(key)))),
    };
  }

  async commit(transaction: StreamTransaction): Promise<boolean> {
    requireBounded(transaction);
    if (!this.#isAsExpected(transaction)) return false;
    for (const field of fieldsOfCommit(transaction)) if (!this.#fields.has(field)) this.#fields.set(field, new Map());
    for (const { key, next } of transaction.sentinels) {
      if (next === null) this.#sentinels.delete(sentinelName(key));
      else this.#sentinels.set(sentinelName(key), copy(next));
    }
    const versions = newVersions(transaction.writes.length);
    for (const [index, { entity, field, next }] of transaction.writes.entries()) {
      const rows = this.#fields.get(field);
      if (next === null) rows?.delete(mapKey(entity));
      else rows?.set(mapKey(entity), { token: versions[index] as bigint, row: copy(next) });
    }
    return true;
  }

  #isAsExpected({ sentinels, writes }: StreamTransaction): boolean {
    return (
      sentinels.every(({ key, expected }) => isSame(this.#sentinels.get(sentinelName(key)) ?? null, expected)) &&
      writes.every(({ entity, field, expectedVersion }) => {
        const stored = this.#fields.get(field)?.get(mapKey(entity));
        return (stored?.row ? stored.token : null) === expectedVersion;
      })
    );
  }

  async listSentinels(field?: FieldName): Promise<readonly StoredSentinel[]> {
    const names = [...this.#sentinels.keys()].filter((name) => field === undefined || isOfField(name, field));
    return sentinelsInOrder(
      names.map((name) => ({
        key: Buffer.from(name, 'latin1'),
        sentinel: copy(this.#sentinels.get(name) as Uint8Array),
      })),
    );
  }

  async dropSentinels(field: FieldName): Promise<void> {
    for (const name of this.#sentinels.keys()) if (isOfField(name, field)) this.#sentinels.delete(name);
  }
}

const sentinelName = (key: SentinelKey): string => encodeSentinelKey(key).toString('latin1');

const isOfField = (name: string, field: FieldName): boolean =>
  name.startsWith(sentinelPrefix(field).toString('latin1'));
