// Keys and values of the embedded log (docs/specs/event-log.md). Keys of one kind and source lie together, in order.
import { createHash } from 'node:crypto';
import { PlumbError } from '../../../schemas/errors.ts';
import { ByteReader } from '../../byte-reader.ts';
import type { ByteWriter } from '../../byte-writer.ts';
import type { DeadLetter, LoggedEvent, NewDeadLetter, NewEvent } from '../event-log.ts';

export const FORMAT_VERSION = 1;

export const OWNER_KEY = Buffer.of(0);
const SOURCES = 1;
const EVENTS = 2;
const IDS = 3;
const DEAD_LETTERS = 4;

const ID_BYTES = 16;
const TEXT_HASH_BYTES = 8;

/** The bounds of all keys of a kind, or of one source: from the first to before the second. */
export interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

const prefixOf = (kind: number, source: string): Buffer => Buffer.from(`${String.fromCharCode(kind)}${source}\0`);

/** Names of sources have no zero byte, so that none is the start of another one's keys. */
function rangeOf(kind: number, source: string): KeyRange {
  const start = prefixOf(kind, source);
  const end = Buffer.from(start);
  end[end.length - 1] = 1;
  return { start, end };
}

export const SOURCE_RANGE: KeyRange = { start: Buffer.of(SOURCES), end: Buffer.of(SOURCES + 1) };
export const sourceKey = (source: string): Buffer => prefixOf(SOURCES, source);
export const sourceOfKey = (key: Buffer): string => key.toString('utf8', 1, key.length - 1);

export const eventRange = (source: string): KeyRange => rangeOf(EVENTS, source);
export const eventKey = (source: string, offset: bigint): Buffer => withNumber(prefixOf(EVENTS, source), offset);
export const offsetOfKey = (key: Buffer): bigint => key.readBigUInt64BE(key.length - 8);

export const idRange = (source: string): KeyRange => rangeOf(IDS, source);
export const idKey = (source: string, id: string): Buffer =>
  Buffer.concat([prefixOf(IDS, source), createHash('sha256').update(id).digest().subarray(0, ID_BYTES)]);

export const deadLetterRange = (source: string): KeyRange => rangeOf(DEAD_LETTERS, source);
export function deadLetterKey(source: string, rejectedMicros: bigint, index: number): Buffer {
  const last = Buffer.alloc(4);
  last.writeUInt32BE(index);
  return Buffer.concat([withNumber(prefixOf(DEAD_LETTERS, source), rejectedMicros), last]);
}
const LAST_INDEX = 2 ** 32 - 1;
export const lastDeadLetterKey = (source: string, micros: bigint): Buffer => deadLetterKey(source, micros, LAST_INDEX);
export const indexOfDeadLetterKey = (key: Buffer): number => key.readUInt32BE(key.length - 4);
export const deadLettersBefore = (source: string, micros: bigint): KeyRange => ({
  start: deadLetterRange(source).start,
  end: withNumber(prefixOf(DEAD_LETTERS, source), micros),
});
export const deadLettersSince = (source: string, micros: bigint): KeyRange => ({
  start: withNumber(prefixOf(DEAD_LETTERS, source), micros < 0n ? 0n : micros),
  end: deadLetterRange(source).end,
});
const microsOfDeadLetterKey = (key: Buffer): bigint => key.readBigUInt64BE(key.length - 12);

function withNumber(prefix: Buffer, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return Buffer.concat([prefix, bytes]);
}

export interface Owner {
  readonly format: number;
  readonly project: string;
  /** Random, of this log. */
  readonly epoch: string;
}

export const encodeOwner = (owner: Owner): Buffer => Buffer.from(JSON.stringify(owner));
export const decodeOwner = (bytes: Buffer): Owner => JSON.parse(bytes.toString()) as Owner;

/** Of a source. */
export interface SourceState {
  readonly first: bigint;
  readonly next: bigint;
  readonly lastAppendMicros: bigint | null;
  readonly sizeBytes: number;
  /** Where the search for ids that are known no more goes on: hexadecimal; empty: at the first. */
  readonly idCursor: string;
}

export const NO_EVENTS: SourceState = { first: 0n, next: 0n, lastAppendMicros: null, sizeBytes: 0, idCursor: '' };

export const encodeState = ({ first, next, lastAppendMicros, sizeBytes, idCursor }: SourceState): Buffer =>
  Buffer.from(
    JSON.stringify({
      first: String(first),
      next: String(next),
      lastAppend: lastAppendMicros === null ? null : String(lastAppendMicros),
      sizeBytes,
      idCursor,
    }),
  );

export function decodeState(bytes: Buffer | undefined): SourceState {
  if (bytes === undefined) return NO_EVENTS;
  const { first, next, lastAppend, sizeBytes, idCursor } = JSON.parse(bytes.toString()) as {
    readonly first: string;
    readonly next: string;
    readonly lastAppend: string | null;
    readonly sizeBytes: number;
    readonly idCursor: string;
  };
  const lastAppendMicros = lastAppend === null ? null : BigInt(lastAppend);
  return { first: BigInt(first), next: BigInt(next), lastAppendMicros, sizeBytes, idCursor };
}

/** One byte of version, append time, id and sender (0: null), text. */
export function encodeEvent(writer: ByteWriter, { id, by, text }: NewEvent, appendMicros: bigint): Buffer {
  writer.begin(0);
  writer.byte(FORMAT_VERSION);
  writer.varint(appendMicros);
  writeText(writer, id);
  writeText(writer, by);
  writer.copy(text);
  return Buffer.from(writer.finish());
}

export function decodeEvent(bytes: Buffer, offset: bigint): LoggedEvent {
  const reader = new ByteReader(bytes, 'an event of the log');
  const version = reader.byte();
  if (version !== FORMAT_VERSION)
    throw new PlumbError('STORAGE_CORRUPT', `An event of the log has format ${version}, expected ${FORMAT_VERSION}`);
  const appendMicros = reader.varint();
  const id = readText(reader);
  const by = readText(reader);
  return { offset, appendMicros, id, by, text: bytes.subarray(reader.position) };
}

function writeText(writer: ByteWriter, text: string | null): void {
  const bytes = Buffer.from(text ?? '');
  writer.uvarint(text === null ? 0 : bytes.length + 1);
  writer.copy(bytes);
}

function readText(reader: ByteReader): string | null {
  const length = reader.uvarint();
  return length === 0 ? null : reader.text(length - 1);
}

/** What is known of an id. */
export interface KnownId {
  readonly offset: bigint;
  readonly appendMicros: bigint;
  readonly textHash: Buffer;
}

export const hashOfText = (text: Uint8Array): Buffer =>
  createHash('sha256').update(text).digest().subarray(0, TEXT_HASH_BYTES);

export function encodeKnownId({ offset, appendMicros, textHash }: KnownId): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64BE(offset);
  numbers.writeBigInt64BE(appendMicros, 8);
  return Buffer.concat([numbers, textHash]);
}

export const decodeKnownId = (bytes: Buffer): KnownId => ({
  offset: bytes.readBigInt64BE(),
  appendMicros: bytes.readBigInt64BE(8),
  textHash: bytes.subarray(16),
});

export const encodeDeadLetter = (letter: NewDeadLetter): Buffer => Buffer.from(JSON.stringify(letter));
export const decodeDeadLetter = (key: Buffer, bytes: Buffer): DeadLetter => ({
  ...(JSON.parse(bytes.toString()) as NewDeadLetter),
  rejectedMicros: microsOfDeadLetterKey(key),
});
