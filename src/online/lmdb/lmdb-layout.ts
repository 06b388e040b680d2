// Bytes of the LMDB online store. One database, keys by their first byte; integers big-endian.
//
//   01                                    → format version uint32, project name
//   02 view name                          → serving state
//   03 field name                         → field: id uint32, greatest token ever written uint64
//   04                                    → the last field id that was given out, uint32
//   05 field id                           → empty: rows of this id are being removed
//   06 field id, 00, entity key           → row record
//   06 field id, 01, SHA-256(entity key)  → row record of a key that is longer than LMDB takes
//   07                                    → revision uint32: another one after each change of a state or a field
//   08 sentinel key (stream-commit.ts)    → sentinel of a stream
//
//   row record = flags (1 row, 0 tombstone), token uint64, [long keys: length uint32, entity key,] packed row
//                an entry that a stream wrote has its version in the place of the token
//
// Rows of a field lie in the order of their entity keys: writes that come in that order fill pages one after the other.
import { createHash } from 'node:crypto';
import type { EntityKey, FieldName } from '../online-store.ts';
import { encodeSentinelKey, sentinelPrefix } from '../stream-commit.ts';
import type { SentinelKey } from '../stream-store.ts';

/** Version 1 had no revision; opening the store makes it version 2. */
export const FORMAT_VERSION = 2;
export const UPGRADED_VERSION = 1;
export const OWNER_KEY = Buffer.from([1]);
export const LAST_FIELD_ID_KEY = Buffer.from([4]);
export const FIRST_STATE_KEY = Buffer.from([2]);
export const FIRST_FIELD_KEY = Buffer.from([3]);
export const FIRST_DROPPED_KEY = Buffer.from([5]);
export const FIRST_ROW_KEY = Buffer.from([6]);
export const REVISION_KEY = Buffer.from([7]);
const FIRST_SENTINEL_KEY = Buffer.from([8]);

const ROW_PREFIX_BYTES = 6;
const RECORD_HEADER_BYTES = 9;
const LMDB_MAX_KEY_BYTES = 1978;
const MAX_PLAIN_ENTITY_BYTES = LMDB_MAX_KEY_BYTES - ROW_PREFIX_BYTES;

export const stateKey = (view: string): Buffer => Buffer.concat([FIRST_STATE_KEY, Buffer.from(view)]);
export const fieldKey = (field: string): Buffer => Buffer.concat([FIRST_FIELD_KEY, Buffer.from(field)]);
export const nameInKey = (key: Uint8Array): string => Buffer.from(key).toString('utf8', 1);

export const sentinelKey = (key: SentinelKey): Buffer => Buffer.concat([FIRST_SENTINEL_KEY, encodeSentinelKey(key)]);
/** Where the sentinels of a field, or all of them, start, and where they end. */
export function sentinelRange(field?: FieldName): readonly [start: Buffer, end: Buffer] {
  if (field === undefined) return [FIRST_SENTINEL_KEY, Buffer.from([9])];
  const start = Buffer.concat([FIRST_SENTINEL_KEY, sentinelPrefix(field)]);
  const end = Buffer.from(start);
  end[end.length - 1] = 1;
  return [start, end];
}

export const droppedKey = (fieldId: number): Buffer => withFieldId(5, fieldId);
export const fieldIdInKey = (key: Uint8Array): number => Buffer.from(key).readUInt32BE(1);
/** The first key of the rows of `fieldId`; that of `fieldId + 1` is behind its last. */
export const firstRowKey = (fieldId: number): Buffer => withFieldId(6, fieldId);

/** Whose database it is. */
export interface Owner {
  readonly format: number;
  readonly project: string;
}

export const encodeOwner = ({ format, project }: Owner): Buffer =>
  Buffer.concat([uint32Bytes(format), Buffer.from(project)]);
export const decodeOwner = (bytes: Buffer): Owner => ({
  format: bytes.readUInt32BE(0),
  project: bytes.toString('utf8', 4),
});

export interface FieldRecord {
  readonly id: number;
  readonly maxToken: bigint;
}

export function encodeField({ id, maxToken }: FieldRecord): Buffer {
  const bytes = uint32Bytes(id, 12);
  bytes.writeBigUInt64BE(maxToken, 4);
  return bytes;
}

export const decodeField = (bytes: Buffer): FieldRecord => ({
  id: bytes.readUInt32BE(0),
  maxToken: bytes.readBigUInt64BE(4),
});

export function uint32Bytes(value: number, sizeBytes = 4): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}

function withFieldId(tag: number, fieldId: number): Buffer {
  const key = Buffer.alloc(5);
  key[0] = tag;
  key.writeUInt32BE(fieldId, 1);
  return key;
}

/** Builds row keys and records in buffers of its own: each answer is valid until the next call. */
export class RowScratch {
  readonly #key = Buffer.alloc(LMDB_MAX_KEY_BYTES);
  /** Views of its beginning, by their length: most entity keys are as long as many others. */
  readonly #keys: Buffer[] = [];
  #record: Buffer = Buffer.alloc(4096);

  key(fieldId: number, entity: EntityKey): Buffer {
    const isLong = entity.length > MAX_PLAIN_ENTITY_BYTES;
    const suffix = isLong ? createHash('sha256').update(entity).digest() : entity;
    const key = this.#key;
    key[0] = 6;
    key.writeUInt32BE(fieldId, 1);
    key[5] = isLong ? 1 : 0;
    // Faster than `set` for the few bytes of most keys.
    for (let index = 0; index < suffix.length; index += 1) key[ROW_PREFIX_BYTES + index] = suffix[index] as number;
    const sizeBytes = ROW_PREFIX_BYTES + suffix.length;
    this.#keys[sizeBytes] ??= key.subarray(0, sizeBytes);
    return this.#keys[sizeBytes];
  }

  record(token: bigint, entity: EntityKey, row: Uint8Array | null): Buffer {
    const rowOffset = rowOffsetOf(entity);
    const sizeBytes = rowOffset + (row?.length ?? 0);
    if (sizeBytes > this.#record.length) this.#record = Buffer.alloc(2 * sizeBytes);
    const record = this.#record;
    record[0] = row === null ? 0 : 1;
    record.writeBigUInt64BE(token, 1);
    if (rowOffset > RECORD_HEADER_BYTES) {
      record.writeUInt32BE(entity.length, RECORD_HEADER_BYTES);
      record.set(entity, RECORD_HEADER_BYTES + 4);
    }
    if (row !== null) record.set(row, rowOffset);
    return record.subarray(0, sizeBytes);
  }
}

const rowOffsetOf = (entity: EntityKey): number =>
  entity.length > MAX_PLAIN_ENTITY_BYTES ? RECORD_HEADER_BYTES + 4 + entity.length : RECORD_HEADER_BYTES;

export const tokenOfRecord = (record: Buffer): bigint => record.readBigUInt64BE(1);

/** Where the packed row starts in a record; null for a tombstone, or where the hash of a long key met another key. */
export function rowOffsetIn(record: Buffer, entity: EntityKey): number | null {
  if (record[0] !== 1) return null;
  const rowOffset = rowOffsetOf(entity);
  const isOther =
    rowOffset > RECORD_HEADER_BYTES &&
    record.compare(entity, 0, entity.length, RECORD_HEADER_BYTES + 4, rowOffset) !== 0;
  return isOther ? null : rowOffset;
}

/** The packed row, or null, of what lies under a key: of a long entity the key has only the hash. */
export function rowInRecord(key: Buffer, record: Buffer): Uint8Array | null {
  if (record[0] !== 1) return null;
  const isLong = key[ROW_PREFIX_BYTES - 1] === 1;
  const entityBytes = isLong ? 4 + record.readUInt32BE(RECORD_HEADER_BYTES) : 0;
  return record.subarray(RECORD_HEADER_BYTES + entityBytes);
}
