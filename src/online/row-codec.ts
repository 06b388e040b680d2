// The packed row, version 2: the values of all features of one entity in one view generation as the JSON text that a
// client receives. Frozen; docs/specs/row-codec.md says why each part is as it is. Integers are little-endian.
//
//   offset  bytes
//   0       1      format version, 2
//   1       1      kind of record, 1 = row
//   2       1      flags: 1 event time, 2 created time, 4 null bitmap, 8 invalid bitmap present; 16 ends of 2 bytes,
//                  32 ends of 4 (neither: 1); 64 the row deletes its key
//   3       5      schema: the first 5 bytes of SHA-256 over names, types and defaults of the features
//   8       0 | 8  event time, int64 microseconds
//   …       0 | 8  created time, likewise
//   …       0 | n  null bitmap, n = ceil(features / 8): bit i of byte i/8 is 1 where feature i is null
//   …       0 | n  invalid bitmap: those that could not be computed; they are null too
//   …       f × e  per feature where its text ends, from the start of the text
//   …       …      text: the values in order, "," between two; for null the default, for an invalid one null
//
// Which run wrote a row is not in it: the store keeps the token beside the row, so the same row has the same bytes.
import type { Value } from '../../schemas/types.ts';
import { ByteWriter } from '../byte-writer.ts';
import { compileGatherRow, type RowColumns, type RowParts } from './row-parts.ts';
import {
  corrupt,
  FLAG,
  HEADER_BYTES,
  isInvalid,
  isNull,
  KIND_ROW,
  layoutOf,
  openRow,
  type RowHeader,
  type RowLayout,
  type RowSchema,
  rowText,
  SCHEMA_OFFSET,
  type StoredRow,
  VERSION,
} from './stored-row.ts';
import { type ReadText, textReader } from './value-json.ts';

export type { RowHeader, RowSchema } from './stored-row.ts';

export interface PackedRow extends RowHeader {
  /** In schema order. */
  readonly values: readonly Value[];
  /** Features whose value could not be computed (it is null then); null where there are none. */
  readonly invalid: readonly boolean[] | null;
}

export interface RowCodec {
  /** The bytes stay valid and are the caller's. */
  encode(row: PackedRow): Uint8Array;
  /** Row `index` of columns: the same bytes as `encode`, without an array per row. */
  encodeColumns(header: RowHeader, columns: RowColumns, index: number): Uint8Array;
  /** The row with its text as it lies there. STORAGE_CORRUPT as `openRow` says. */
  open(bytes: Uint8Array): StoredRow;
  /** Appends the values of some features, `last` included: null has its default. STORAGE_CORRUPT as `decode`. */
  read(row: StoredRow, features: { readonly first: number; readonly last: number }, into: Value[]): void;
  /** STORAGE_CORRUPT also where a text is none of its type's. */
  decode(bytes: Uint8Array): PackedRow;
}

export function compileRowCodec(schema: RowSchema): RowCodec {
  const layout = layoutOf(schema);
  const encodeColumns = rowWriter(layout, schema);
  const readers = schema.map(({ type }) => textReader(type));
  return {
    encode: ({ values, invalid, ...header }) => {
      const columns = {
        values: values.map((value) => [value]),
        invalid: schema.map((_, i) => (invalid === null ? null : [invalid[i] === true])),
      };
      return encodeColumns(header, columns, 0);
    },
    encodeColumns,
    open: (bytes) => openRow(layout, bytes),
    read: (row, features, into) => readValues(row, { ...features, schema, readers }, into),
    decode: (bytes) => decodeRow(openRow(layout, bytes), readers),
  };
}

function rowWriter(layout: RowLayout, schema: RowSchema): RowCodec['encodeColumns'] {
  const gatherRow = compileGatherRow(layout, schema);
  const out = new ByteWriter();
  return (header, columns, index) => {
    const parts = gatherRow(columns, index);
    const row = writeRow(out, layout, header, parts);
    parts.text.drop();
    return row;
  };
}

function writeRow(out: ByteWriter, layout: RowLayout, header: RowHeader, parts: RowParts): Uint8Array {
  const { text, ends } = parts;
  const sizeBytes = text.position - text.start;
  const endBytes = sizeBytes < 0x100 ? 1 : sizeBytes < 0x1_0000 ? 2 : 4;
  const flags = parts.flags | headerFlags(header) | (endBytes === 2 ? FLAG.end16 : endBytes === 4 ? FLAG.end32 : 0);
  const start = out.begin(HEADER_BYTES);
  out.bytes[start] = VERSION;
  out.bytes[start + 1] = KIND_ROW;
  out.bytes[start + 2] = flags;
  out.bytes.set(layout.schemaHash, start + SCHEMA_OFFSET);
  if (header.eventMicros !== null) out.int64(header.eventMicros);
  if (header.createdMicros !== null) out.int64(header.createdMicros);
  if ((flags & FLAG.nulls) !== 0) out.copy(parts.nulls);
  if ((flags & FLAG.invalid) !== 0) out.copy(parts.invalid);
  out.uints(ends, endBytes);
  out.slice(text.bytes, text.start, text.position);
  return out.finish();
}

const headerFlags = ({ eventMicros, createdMicros, isDeleted = false }: RowHeader): number =>
  (eventMicros === null ? 0 : FLAG.event) |
  (createdMicros === null ? 0 : FLAG.created) |
  (isDeleted ? FLAG.deleted : 0);

interface ReadFeatures {
  readonly first: number;
  readonly last: number;
  readonly schema: RowSchema;
  readonly readers: readonly ReadText[];
}

function readValues(row: StoredRow, { first, last, schema, readers }: ReadFeatures, into: Value[]): void {
  try {
    for (let feature = first; feature <= last; feature += 1) {
      if (!isNull(row, feature)) into.push((readers[feature] as ReadText)(rowText(row, feature, feature)));
      else into.push(isInvalid(row, feature) ? null : (schema[feature]?.default ?? null));
    }
  } catch (cause) {
    throw notFitting(cause);
  }
}

/** A text that is none of its type's as STORAGE_CORRUPT; other causes as they are. */
export function notFitting(cause: unknown): unknown {
  return cause instanceof SyntaxError ? corrupt(`its contents do not fit: ${cause.message}`, cause) : cause;
}

function decodeRow(row: StoredRow, readers: readonly ReadText[]): PackedRow {
  const { eventMicros, createdMicros, isDeleted, invalidAt } = row;
  const read = (readText: ReadText, feature: number): Value =>
    isNull(row, feature) ? null : readText(rowText(row, feature, feature));
  try {
    return {
      eventMicros,
      createdMicros,
      ...(isDeleted === true ? { isDeleted } : {}),
      values: readers.map(read),
      invalid: invalidAt === 0 ? null : readers.map((_reader, feature) => isInvalid(row, feature)),
    };
  } catch (cause) {
    throw notFitting(cause);
  }
}
