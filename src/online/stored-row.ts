// A packed row as it lies in the store (docs/specs/row-codec.md has the layout): opened without decoding a value, so that
// the text of any feature, or of several neighbours at once, can be copied into an answer.
import { createHash } from 'node:crypto';
import { PlumbError } from '../../schemas/errors.ts';
import type { DataType, Value } from '../../schemas/types.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { valueText } from './value-json.ts';

export const VERSION = 2;
export const KIND_ROW = 1;
export const FLAG = { event: 1, created: 2, nulls: 4, invalid: 8, end16: 16, end32: 32, deleted: 64 } as const;
const KNOWN_FLAGS = 127;
export const SCHEMA_OFFSET = 3;
export const SCHEMA_BYTES = 5;
export const HEADER_BYTES = 8;

export interface RowHeader {
  /** null: not known. */
  readonly eventMicros: bigint | null;
  readonly createdMicros: bigint | null;
  /** Whether the row deletes its key, which is then not found. */
  readonly isDeleted?: boolean;
}

/** Features in the order of the row. Null is stored as the text of its default, so the default is part of the schema. */
export type RowSchema = readonly { readonly name: string; readonly type: DataType; readonly default: Value }[];

/** What is the same for all rows of a schema. */
export interface RowLayout {
  readonly featureCount: number;
  readonly bitmapBytes: number;
  readonly schemaHash: Uint8Array;
}

export interface StoredRow extends RowHeader {
  readonly bytes: Uint8Array;
  /** Where the bitmaps lie; 0: no feature is null, or none is invalid. */
  readonly nullsAt: number;
  readonly invalidAt: number;
  readonly endsAt: number;
  /** Bytes of each end: 1, 2 or 4. */
  readonly endBytes: number;
  /** Where the text starts: the values in order, with a comma between two. */
  readonly textAt: number;
}

export function layoutOf(schema: RowSchema): RowLayout {
  const text = JSON.stringify(
    schema.map(({ name, type, default: byDefault }) => [
      name,
      type,
      Buffer.from(valueText(type, byDefault)).toString(),
    ]),
  );
  return {
    featureCount: schema.length,
    bitmapBytes: Math.ceil(schema.length / 8),
    schemaHash: createHash('sha256').update(text).digest().subarray(0, SCHEMA_BYTES),
  };
}

/** STORAGE_CORRUPT for a row of another version, kind or schema, or of another length than it says. */
export function openRow(layout: RowLayout, bytes: Uint8Array): StoredRow {
  requireSchema(layout, bytes);
  const flags = bytes[2] as number;
  const { featureCount, bitmapBytes } = layout;
  const createdAt = HEADER_BYTES + (flags & FLAG.event ? 8 : 0);
  const nullsAt = createdAt + (flags & FLAG.created ? 8 : 0);
  const invalidAt = nullsAt + (flags & FLAG.nulls ? bitmapBytes : 0);
  const endsAt = invalidAt + (flags & FLAG.invalid ? bitmapBytes : 0);
  const endBytes = flags & FLAG.end32 ? 4 : flags & FLAG.end16 ? 2 : 1;
  const textAt = endsAt + featureCount * endBytes;
  if (bytes.length < textAt) throw corrupt(`found ${bytes.length} bytes, expected at least ${textAt}`);
  const row = {
    bytes,
    eventMicros: flags & FLAG.event ? readMicros(bytes, HEADER_BYTES) : null,
    createdMicros: flags & FLAG.created ? readMicros(bytes, createdAt) : null,
    isDeleted: (flags & FLAG.deleted) !== 0,
    nullsAt: flags & FLAG.nulls ? nullsAt : 0,
    invalidAt: flags & FLAG.invalid ? invalidAt : 0,
    endsAt,
    endBytes,
    textAt,
  };
  const end = featureCount === 0 ? textAt : textEnd(row, featureCount - 1);
  if (end !== bytes.length) throw corrupt(`found ${bytes.length} bytes, expected ${end}`);
  return row;
}

/** Of a row of any schema; null where it is not known. STORAGE_CORRUPT for what is no row of this version. */
export function eventMicrosOf(bytes: Uint8Array): bigint | null {
  const end = HEADER_BYTES + ((bytes[2] ?? 0) & FLAG.event ? 8 : 0);
  if (bytes.length < end) throw corrupt(`found ${bytes.length} bytes, expected at least ${end}`);
  if (bytes[0] !== VERSION) throw corrupt(`found format version ${bytes[0]}, expected ${VERSION}`);
  return end === HEADER_BYTES ? null : readMicros(bytes, HEADER_BYTES);
}

function requireSchema({ schemaHash }: RowLayout, bytes: Uint8Array): void {
  if (bytes.length < HEADER_BYTES) throw corrupt(`found ${bytes.length} bytes, expected at least ${HEADER_BYTES}`);
  if (bytes[0] !== VERSION) throw corrupt(`found format version ${bytes[0]}, expected ${VERSION}`);
  if (bytes[1] !== KIND_ROW) throw corrupt(`found a record of kind ${bytes[1]}, expected ${KIND_ROW}, a row`);
  if ((bytes[2] as number) > KNOWN_FLAGS) throw corrupt(`found unknown flags ${bytes[2]}`);
  for (let index = 0; index < SCHEMA_BYTES; index += 1) {
    if (bytes[SCHEMA_OFFSET + index] !== schemaHash[index]) throw corrupt('it was written with another schema');
  }
}

/** The text of the features from `first` to `last`, that one included. */
export function rowText(row: StoredRow, first: number, last: number): string {
  const [start, end] = [textStart(row, first), textEnd(row, last)];
  requireWithin(row, start, end);
  const { buffer, byteOffset, byteLength } = row.bytes;
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8', start, end);
}

/** Appends the same text. */
export function writeRowText(out: ByteWriter, row: StoredRow, first: number, last: number): void {
  const start = textStart(row, first);
  const end = textEnd(row, last);
  requireWithin(row, start, end);
  out.slice(row.bytes, start, end);
}

/** STORAGE_CORRUPT where that text does not lie in the row. */
export function requireWithin({ bytes }: StoredRow, start: number, end: number): void {
  if (start > end || end > bytes.length) throw corrupt('a value ends outside of the row');
}

/** Where, in `bytes`, the text of feature `index` starts. */
export const textStart = (row: StoredRow, index: number): number =>
  index === 0 ? row.textAt : textEnd(row, index - 1) + 1;

type Ends = Pick<StoredRow, 'bytes' | 'endsAt' | 'endBytes' | 'textAt'>;

/** Where, in `bytes`, the text of feature `index` ends. */
export function textEnd({ bytes, endsAt, endBytes, textAt }: Ends, index: number): number {
  const at = endsAt + index * endBytes;
  const low = bytes[at] as number;
  if (endBytes === 1) return textAt + low;
  const low16 = low | ((bytes[at + 1] as number) << 8);
  if (endBytes === 2) return textAt + low16;
  return textAt + low16 + ((bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8)) * 0x1_0000;
}

/** Whether any feature is null; an invalid one is. */
export const hasNulls = ({ nullsAt }: StoredRow): boolean => nullsAt !== 0;

export const isNull = ({ bytes, nullsAt }: StoredRow, index: number): boolean =>
  nullsAt !== 0 && hasBit(bytes, nullsAt, index);

export const isInvalid = ({ bytes, invalidAt }: StoredRow, index: number): boolean =>
  invalidAt !== 0 && hasBit(bytes, invalidAt, index);

const hasBit = (bytes: Uint8Array, offset: number, index: number): boolean =>
  ((bytes[offset + (index >> 3)] as number) & (1 << (index & 7))) !== 0;

const WORD = new Uint8Array(8);
const WORD_VIEW = new DataView(WORD.buffer);

/** Through one view for all rows: a DataView of each row costs more than its bytes. */
function readMicros(bytes: Uint8Array, offset: number): bigint {
  for (let index = 0; index < 8; index += 1) WORD[index] = bytes[offset + index] as number;
  return WORD_VIEW.getBigInt64(0, true);
}

export const corrupt = (what: string, cause?: unknown): PlumbError =>
  new PlumbError(
    'STORAGE_CORRUPT',
    `A row of the online store cannot be read: ${what}. Rebuild it with \`plumb materialize --full\`.`,
    { cause },
  );
