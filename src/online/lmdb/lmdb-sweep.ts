// The records of one field, some at a time: judged in a read transaction, which hinders nobody, and removed in a write
// transaction where they are still what was judged.
import type { StoredRecord } from '../online-store.ts';
import * as layout from './lmdb-layout.ts';
import type { LmdbDatabase } from './open-lmdb.ts';

interface FieldSweep {
  readonly id: number;
  readonly judge: (record: StoredRecord) => boolean;
  /** Of the last record that was looked at; null: from the first one on. */
  readonly after: Buffer | null;
  readonly limit: number;
}

export interface SweptField {
  readonly seen: number;
  readonly lastKey: Buffer;
  /** Those that may go. */
  readonly over: readonly { readonly key: Buffer; readonly record: Buffer }[];
}

export function sweepField(database: LmdbDatabase, { id, judge, after, limit }: FieldSweep): SweptField {
  const over: { readonly key: Buffer; readonly record: Buffer }[] = [];
  let seen = 0;
  let lastKey: Buffer = layout.firstRowKey(id);
  const range = { start: after ?? lastKey, exclusiveStart: after !== null, end: layout.firstRowKey(id + 1), limit };
  for (const { key, value } of database.getRange(range)) {
    seen += 1;
    lastKey = Buffer.from(key);
    if (judge({ token: layout.tokenOfRecord(value), row: layout.rowInRecord(lastKey, value) }))
      over.push({ key: lastKey, record: Buffer.from(value) });
  }
  return { seen, lastKey, over };
}

/** Inside a write transaction. Returns how many were still there as they were. */
export function removeSwept(database: LmdbDatabase, { over }: Pick<SweptField, 'over'>): number {
  const unchanged = over.filter(({ key, record }) => database.getBinary(key)?.equals(record));
  for (const { key } of unchanged) database.removeSync(key);
  return unchanged.length;
}
