// Bytes of the Redis online store, format 1; docs/specs/redis-layout.md is the page for it. Integers are big-endian.
//
//   plumb:<project>:e:<entity key>   hash   field id → row record        one hash per entity, one field per view generation
//   plumb:<project>:fields           hash   field id → field name        which generations there are
//                                           '-' field id → field name    rows of this one are being removed
//   plumb:<project>:states           hash   's' view → serving state, 'd' view → its digest
//   plumb:<project>:sentinels        hash   sentinel key → sentinel of a stream        not on a Cluster
//   plumb:<project>:meta             hash   'format' → '1'
//
//   field id    = the first 6 bytes of SHA-256(field name)
//   row record  = token uint64, kind (1 row, 0 tombstone), packed row
//                 an entry that a stream wrote has its version in the place of the token
//   digest      = the first 12 bytes of SHA-256(serving state)
//   sentinel key = field name, 00, source, 00, partition uint32 (stream-commit.ts)
//
// A field id follows from the name alone. Were it a number that the store gives out, every client would have to remember
// it, and one that remembers would read another view's rows after the store was emptied and filled again. Two names that
// meet in one id are refused when the second is written.
//
// Our part of a key has no braces, so that Redis Cluster spreads entities over its slots.
import { createHash } from 'node:crypto';
import type { FieldName } from '../online-store.ts';

export const FORMAT = '1';
export const FORMAT_FIELD = 'format';
export const FIELD_ID_BYTES = 6;
export const RECORD_HEADER_BYTES = 9;
const DIGEST_BYTES = 12;

export const KIND = { tombstone: 0, row: 1 } as const;

export interface RedisKeys {
  /** Comes before the bytes of an entity key. */
  readonly entityPrefix: Buffer;
  readonly fields: Buffer;
  readonly states: Buffer;
  readonly sentinels: Buffer;
  readonly meta: Buffer;
}

/** A project's name has letters, digits, `_` and `-` only: nothing that Redis' patterns or hash tags know. */
export function redisKeys(project: string): RedisKeys {
  const key = (rest: string): Buffer => Buffer.from(`plumb:${project}:${rest}`);
  return {
    entityPrefix: key('e:'),
    fields: key('fields'),
    states: key('states'),
    sentinels: key('sentinels'),
    meta: key('meta'),
  };
}

export const fieldId = (field: FieldName): Buffer => hashStart(Buffer.from(field), FIELD_ID_BYTES);
/** Under which a field stands while its rows are removed. */
export const droppedField = (id: Buffer): Buffer => Buffer.concat([Buffer.from('-'), id]);

export const digestOf = (state: Uint8Array): Buffer => hashStart(state, DIGEST_BYTES);

export const stateField = (view: string): Buffer => Buffer.from(`s${view}`);
export const digestField = (view: string): Buffer => Buffer.from(`d${view}`);

const hashStart = (bytes: Uint8Array, sizeBytes: number): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, sizeBytes);

export function tokenBytes(token: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(token);
  return bytes;
}

/** 0 where it is no record. */
export const tokenOfRecord = (record: Buffer): bigint =>
  record.length < RECORD_HEADER_BYTES ? 0n : record.readBigUInt64BE(0);

/** The packed row, a view of the record; null for a tombstone. Undefined where it is no record. */
export function rowOfRecord(record: Buffer): Buffer | null | undefined {
  const kind = record[RECORD_HEADER_BYTES - 1];
  if (kind === KIND.row) return record.subarray(RECORD_HEADER_BYTES);
  return kind === KIND.tombstone && record.length === RECORD_HEADER_BYTES ? null : undefined;
}
