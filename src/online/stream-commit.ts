// What the stream stores share: the bound of a commit, versions, and the bytes that a sentinel lies under.
//
//   sentinel key = field name, 00, source, 00, partition uint32 (big-endian)
import { randomBytes } from 'node:crypto';
import { PlumbError } from '../../schemas/errors.ts';
import type { FieldName } from './online-store.ts';
import {
  MOST_STREAM_BYTES,
  MOST_STREAM_WRITES,
  type SentinelKey,
  type StoredSentinel,
  type StreamTransaction,
} from './stream-store.ts';

/** TOO_LARGE beyond the bound. */
export function requireBounded({ writes, sentinels }: StreamTransaction): void {
  if (writes.length > MOST_STREAM_WRITES || sentinels.length > MOST_STREAM_WRITES)
    throw tooLarge('writes', Math.max(writes.length, sentinels.length), MOST_STREAM_WRITES);
  const ofWrites = writes.reduce((sum, { entity, next }) => sum + entity.length + lengthOf(next), 0);
  const sizeBytes = sentinels.reduce(
    (sum, { key, expected, next }) => sum + encodeSentinelKey(key).length + lengthOf(expected) + lengthOf(next),
    ofWrites,
  );
  if (sizeBytes > MOST_STREAM_BYTES) throw tooLarge('bytes', sizeBytes, MOST_STREAM_BYTES);
}

const lengthOf = (bytes: Uint8Array | null): number => bytes?.length ?? 0;

const tooLarge = (unit: 'writes' | 'bytes', found: number, limit: number): PlumbError =>
  new PlumbError('TOO_LARGE', `A commit of a stream has ${found} ${unit}, expected ${limit} at most: make two of it`, {
    details: { unit, found, limit },
  });

/** Tokens of runs count up from 1, and never come near. */
export const LEAST_VERSION = 2n ** 62n;

/** Random 62 bits above the least. */
export function newVersions(count: number): bigint[] {
  const bits = randomBytes(8 * count);
  return Array.from({ length: count }, (_none, index) => LEAST_VERSION + (bits.readBigUInt64BE(8 * index) >> 2n));
}

/** In the order of field, source and partition. */
export function encodeSentinelKey({ field, source, partition }: SentinelKey): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(partition);
  return Buffer.concat([Buffer.from(`${field}\0${source}\0`), number]);
}

export function decodeSentinelKey(bytes: Buffer): SentinelKey {
  const fieldEnd = bytes.indexOf(0);
  return {
    field: bytes.toString('utf8', 0, fieldEnd),
    source: bytes.toString('utf8', fieldEnd + 1, bytes.length - 5),
    partition: bytes.readUInt32BE(bytes.length - 4),
  };
}

/** Keys of sentinels of this field begin so, and no others. */
export const sentinelPrefix = (field: FieldName): Buffer => Buffer.from(`${field}\0`);

export interface SentinelBytes {
  readonly key: Buffer;
  readonly sentinel: Uint8Array;
}

export const sentinelsInOrder = (found: readonly SentinelBytes[]): readonly StoredSentinel[] =>
  found
    .toSorted((left, right) => left.key.compare(right.key))
    .map(({ key, sentinel }) => ({ key: decodeSentinelKey(key), sentinel }));

/** Every field that a commit writes to, once. */
export const fieldsOf = ({ writes, sentinels }: StreamTransaction): readonly FieldName[] => [
  ...new Set([...sentinels.map(({ key }) => key.field), ...writes.map(({ field }) => field)]),
];

export const isSame = (stored: Uint8Array | null, expected: Uint8Array | null): boolean =>
  stored === null || expected === null ? stored === expected : Buffer.compare(stored, expected) === 0;
