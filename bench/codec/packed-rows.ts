// The packed row: all features of one entity in one view generation. Little-endian; offsets of a schema are constant.
//
//   offset  bytes
//   0       1      format version, 1
//   1       1      flags: 1 = event time known, 2 = created time known, 4 = invalid bitmap present
//   2       6      schema: the first 6 bytes of SHA-256 over the feature names and types
//   8       8      event time, int64 microseconds (0 where unknown)
//   16      8      created time, likewise
//   24      8      token of the run that wrote the row, uint64
//   32      n      null bitmap, n = ceil(features / 8): bit i of byte i/8 is 1 where feature i is null
//   …       n      invalid bitmap, always present in the layout (zeros without the flag)
//   …       …      one slot per feature: the value of a fixed type (zeros for null), or for a type of varying size the
//                  end of its content, uint32 from the start of the tail
//   …       …      tail: contents of varying size, in feature order, no gaps
import { createHash } from 'node:crypto';
import { PlumbError } from '../../schemas/errors.ts';
import type { DataType, Value } from '../../schemas/types.ts';
import { ByteWriter } from './byte-writer.ts';
import { type FixedCodec, fixedCodec, hasBit, type RowBytes, type VaryingCodec, varyingCodec } from './value-codec.ts';

const VERSION = 1;
const FLAG = { event: 1, created: 2, invalid: 4 } as const;
const HEADER_BYTES = 32;
const SCHEMA_OFFSET = 2;
const SCHEMA_BYTES = 6;

export interface RowHeader {
  readonly eventMicros: bigint | null;
  readonly createdMicros: bigint | null;
  /** Token of the run that wrote the row. */
  readonly token: bigint;
}

export interface PackedRow extends RowHeader {
  /** In schema order. */
  readonly values: readonly Value[];
  /** Features whose value could not be computed (it is null then); null where there are none. */
  readonly invalid: readonly boolean[] | null;
}

export type RowSchema = readonly { readonly name: string; readonly type: DataType }[];

export interface RowCodec {
  /** The bytes stay valid and are the caller's. */
  encode(row: PackedRow): Uint8Array;
  /** Row `index` of columns: the same bytes as `encode`, without an array per row. */
  encodeColumns(
    header: RowHeader,
    values: readonly (readonly Value[])[],
    invalid: readonly (readonly boolean[] | null)[],
    index: number,
  ): Uint8Array;
  /** STORAGE_CORRUPT for a row of another version or schema, or one that was cut or changed in length. */
  decode(bytes: Uint8Array): PackedRow;
}

/** One feature's place in the row; exactly one of `fixed` and `varying` is not null. */
interface Slot {
  readonly offset: number;
  readonly fixed: FixedCodec | null;
  readonly varying: VaryingCodec | null;
}

interface Layout {
  readonly slots: readonly Slot[];
  readonly schemaHash: Uint8Array;
  readonly bitmapBytes: number;
  /** Where the tail starts; the length of a row without varying types. */
  readonly tailOffset: number;
}

export function compileRowCodec(schema: RowSchema): RowCodec {
  const layout = layoutOf(schema);
  const writeRow = rowWriter(layout);
  return {
    encode: ({ values, invalid, ...header }) =>
      writeRow(
        header,
        (feature) => values[feature] as Value,
        (feature) => invalid?.[feature] === true,
      ),
    encodeColumns: (header, values, invalid, index) =>
      writeRow(
        header,
        (feature) => (values[feature] as readonly Value[])[index] as Value,
        (feature) => invalid[feature]?.[index] === true,
      ),
    decode: (bytes) => decodeRow(layout, bytes),
  };
}

function layoutOf(schema: RowSchema): Layout {
  const bitmapBytes = Math.ceil(schema.length / 8);
  let offset = HEADER_BYTES + 2 * bitmapBytes;
  const slots = schema.map(({ type }): Slot => {
    const fixed = fixedCodec(type);
    const slot = { offset, fixed, varying: fixed === null ? varyingCodec(type) : null };
    offset += fixed?.sizeBytes ?? 4;
    return slot;
  });
  const text = JSON.stringify(schema.map(({ name, type }) => [name, type]));
  const schemaHash = createHash('sha256').update(text).digest().subarray(0, SCHEMA_BYTES);
  return { slots, schemaHash, bitmapBytes, tailOffset: offset };
}

type WriteRow = (
  header: RowHeader,
  read: (feature: number) => Value,
  isInvalid: (feature: number) => boolean,
) => Uint8Array;

function rowWriter(layout: Layout): WriteRow {
  const { slots, bitmapBytes, tailOffset } = layout;
  const out = new ByteWriter();
  return (header, read, isInvalid) => {
    writeHeader(out, layout, header);
    let flags = out.bytes[out.start + 1] as number;
    for (let feature = 0; feature < slots.length; feature += 1) {
      const slot = slots[feature] as Slot;
      const value = read(feature);
      if (value === null) setBit(out, HEADER_BYTES, feature);
      else if (slot.fixed !== null) slot.fixed.write(out.view, out.start + slot.offset, value);
      else slot.varying?.write(out, value);
      if (slot.fixed === null) out.view.setUint32(out.start + slot.offset, out.position - out.start - tailOffset, true);
      if (!isInvalid(feature)) continue;
      setBit(out, HEADER_BYTES + bitmapBytes, feature);
      flags |= FLAG.invalid;
    }
    out.bytes[out.start + 1] = flags;
    return out.finish();
  };
}

function writeHeader(out: ByteWriter, { schemaHash, tailOffset }: Layout, header: RowHeader): void {
  const start = out.begin(tailOffset);
  const { bytes, view } = out;
  bytes[start] = VERSION;
  bytes[start + 1] =
    (header.eventMicros === null ? 0 : FLAG.event) | (header.createdMicros === null ? 0 : FLAG.created);
  bytes.set(schemaHash, start + SCHEMA_OFFSET);
  if (header.eventMicros !== null) view.setBigInt64(start + 8, header.eventMicros, true);
  if (header.createdMicros !== null) view.setBigInt64(start + 16, header.createdMicros, true);
  view.setBigUint64(start + 24, header.token, true);
}

function setBit(out: ByteWriter, offset: number, index: number): void {
  const at = out.start + offset + (index >> 3);
  out.bytes[at] = (out.bytes[at] as number) | (1 << (index & 7));
}

function decodeRow(layout: Layout, bytes: Uint8Array): PackedRow {
  checkSchema(layout, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[1] as number;
  try {
    return {
      eventMicros: (flags & FLAG.event) === 0 ? null : view.getBigInt64(8, true),
      createdMicros: (flags & FLAG.created) === 0 ? null : view.getBigInt64(16, true),
      token: view.getBigUint64(24, true),
      values: readValues(layout, { bytes, view, text }),
      invalid: (flags & FLAG.invalid) === 0 ? null : readInvalid(layout, bytes),
    };
  } catch (cause) {
    if (cause instanceof RangeError) throw corrupt(`its contents do not fit: ${cause.message}`, cause);
    throw cause;
  }
}

function checkSchema({ schemaHash, tailOffset }: Layout, bytes: Uint8Array): void {
  if (bytes.length < tailOffset) throw corrupt(`found ${bytes.length} bytes, expected at least ${tailOffset}`);
  if (bytes[0] !== VERSION) throw corrupt(`found format version ${bytes[0]}, expected ${VERSION}`);
  for (let index = 0; index < SCHEMA_BYTES; index += 1) {
    if (bytes[SCHEMA_OFFSET + index] !== schemaHash[index]) throw corrupt('it was written with another schema');
  }
}

function readValues({ slots, tailOffset }: Layout, row: RowBytes): Value[] {
  const values = new Array<Value>(slots.length);
  let tailPosition = tailOffset;
  for (let feature = 0; feature < slots.length; feature += 1) {
    const slot = slots[feature] as Slot;
    const isNull = hasBit(row.bytes, HEADER_BYTES, feature);
    if (slot.fixed !== null) {
      values[feature] = isNull ? null : slot.fixed.read(row.view, slot.offset);
      continue;
    }
    const end = tailOffset + row.view.getUint32(slot.offset, true);
    if (end < tailPosition || end > row.bytes.length) throw new RangeError('a value ends outside of the row');
    values[feature] = isNull ? null : (slot.varying as VaryingCodec).read(row, tailPosition, end);
    tailPosition = end;
  }
  if (tailPosition !== row.bytes.length) throw new RangeError('bytes are left over');
  return values;
}

const readInvalid = ({ slots, bitmapBytes }: Layout, bytes: Uint8Array): boolean[] =>
  slots.map((_slot, feature) => hasBit(bytes, HEADER_BYTES + bitmapBytes, feature));

const corrupt = (what: string, cause?: unknown): PlumbError =>
  new PlumbError(
    'STORAGE_CORRUPT',
    `A row of the online store cannot be read: ${what}. Rebuild it with \`plumb materialize --full\`.`,
    {
      cause,
    },
  );
