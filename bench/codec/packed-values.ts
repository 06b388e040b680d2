// How one value of each type lies in a packed row (row-codec.ts has the layout of the row). All numbers little-endian.
//
//   fixed  bool 1 byte (0, 1) · int32 4 · int64 8 · float32 4 · float64 8 · timestamp 8 (microseconds)
//   text   UTF-8 without a length · bytes as they are           (the row knows where they end)
//   list   count uint32, null bitmap (bit i of byte i/8: element i is null), then the elements: fixed ones one after the
//          other (zeros for nulls), text and bytes as length uint32 + content (length 0 for nulls)
//   vector as a list of float32 whose count is its length
import { type DataType, elementType, type ScalarType, type Value } from '../../schemas/types.ts';
import { shortestFloat32 } from '../float32.ts';
import type { ByteWriter } from './byte-writer.ts';

export interface RowBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly text: Buffer;
}

/** A type of constant size, written in place. */
export interface FixedCodec {
  readonly sizeBytes: number;
  write(view: DataView, offset: number, value: Value): void;
  read(view: DataView, offset: number): Value;
}

/** A type of varying size, appended. */
export interface VaryingCodec {
  write(out: ByteWriter, value: Value): void;
  read(row: RowBytes, from: number, to: number): Value;
}

const INT64: FixedCodec = {
  sizeBytes: 8,
  write: (view, offset, value) => view.setBigInt64(offset, value as bigint, true),
  read: (view, offset) => view.getBigInt64(offset, true),
};

const FIXED: Readonly<Record<Exclude<ScalarType, 'string' | 'bytes'>, FixedCodec>> = {
  bool: {
    sizeBytes: 1,
    write: (view, offset, value) => view.setUint8(offset, value === true ? 1 : 0),
    read: (view, offset) => view.getUint8(offset) === 1,
  },
  int32: {
    sizeBytes: 4,
    write: (view, offset, value) => view.setInt32(offset, value as number, true),
    read: (view, offset) => view.getInt32(offset, true),
  },
  int64: INT64,
  timestamp: INT64,
  float32: {
    sizeBytes: 4,
    write: (view, offset, value) => view.setFloat32(offset, value as number, true),
    read: (view, offset) => shortestFloat32(view.getFloat32(offset, true)),
  },
  float64: {
    sizeBytes: 8,
    write: (view, offset, value) => view.setFloat64(offset, value as number, true),
    read: (view, offset) => view.getFloat64(offset, true),
  },
};

const TEXT: VaryingCodec = {
  write: (out, value) => out.text(value as string),
  read: (row, from, to) => row.text.toString('utf8', from, to),
};

const BYTES: VaryingCodec = {
  write: (out, value) => out.copy(value as Uint8Array),
  read: (row, from, to) => new Uint8Array(row.bytes.subarray(from, to)),
};

const VARYING: Readonly<Record<'string' | 'bytes', VaryingCodec>> = { string: TEXT, bytes: BYTES };

/** null for types of varying size. */
export const fixedCodec = (type: DataType): FixedCodec | null =>
  (FIXED as Readonly<Partial<Record<string, FixedCodec>>>)[type] ?? null;

/** For the types of which `fixedCodec` is null. */
export function varyingCodec(type: DataType): VaryingCodec {
  const element = elementType(type);
  if (element === null) return VARYING[type as 'string' | 'bytes'];
  const fixed = fixedCodec(element);
  return fixed === null
    ? listCodec(varyingElements(VARYING[element as 'string' | 'bytes']))
    : listCodec(fixedElements(fixed));
}

interface ElementsCodec {
  write(out: ByteWriter, values: readonly Value[]): void;
  /** `isNull(i)`: whether element i is null. Throws a RangeError where the bytes do not end at `to`. */
  read(row: RowBytes, from: number, to: number, count: number, isNull: (index: number) => boolean): Value[];
}

function listCodec(elements: ElementsCodec): VaryingCodec {
  return {
    write: (out, value) => {
      const values = value as readonly Value[];
      out.uint32(values.length);
      writeNullBitmap(out, values);
      elements.write(out, values);
    },
    read: (row, from, to) => {
      const count = row.view.getUint32(from, true);
      const bitmap = from + 4;
      const start = bitmap + Math.ceil(count / 8);
      if (start > to) throw new RangeError('a list is longer than its bytes');
      return elements.read(row, start, to, count, (index) => hasBit(row.bytes, bitmap, index));
    },
  };
}

export const hasBit = (bytes: Uint8Array, offset: number, index: number): boolean =>
  ((bytes[offset + (index >> 3)] as number) & (1 << (index & 7))) !== 0;

function writeNullBitmap(out: ByteWriter, values: readonly Value[]): void {
  for (let first = 0; first < values.length; first += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8 && first + bit < values.length; bit += 1)
      if (values[first + bit] === null) bits |= 1 << bit;
    out.byte(bits);
  }
}

const fixedElements = (codec: FixedCodec): ElementsCodec => ({
  write: (out, values) => {
    out.reserve(values.length * codec.sizeBytes);
    for (const value of values) {
      if (value === null) out.bytes.fill(0, out.position, out.position + codec.sizeBytes);
      else codec.write(out.view, out.position, value);
      out.position += codec.sizeBytes;
    }
  },
  read: (row, from, to, count, isNull) => {
    if (from + count * codec.sizeBytes !== to) throw new RangeError('a list does not fill its bytes');
    const values = new Array<Value>(count);
    for (let index = 0; index < count; index += 1) {
      values[index] = isNull(index) ? null : codec.read(row.view, from + index * codec.sizeBytes);
    }
    return values;
  },
});

const varyingElements = (codec: VaryingCodec): ElementsCodec => ({
  write: (out, values) => {
    for (const value of values) {
      out.uint32(0);
      const start = out.position - out.start;
      if (value !== null) codec.write(out, value);
      const sizeBytes = out.position - out.start - start;
      out.view.setUint32(out.start + start - 4, sizeBytes, true);
    }
  },
  read: (row, from, to, count, isNull) => {
    const values = new Array<Value>(count);
    let position = from;
    for (let index = 0; index < count; index += 1) {
      const start = position + 4;
      position = start + row.view.getUint32(position, true);
      if (position > to) throw new RangeError('a list element is longer than its list');
      values[index] = isNull(index) ? null : codec.read(row, start, position);
    }
    if (position !== to) throw new RangeError('a list does not fill its bytes');
    return values;
  },
});
