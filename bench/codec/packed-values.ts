// Contender's part: how one value of each type lies in a packed binary row. All numbers little-endian.
//
//   fixed  bool 1 byte · int32 4 · int64 8 · float32 4 · float64 8 · timestamp 8
//   text   UTF-8 without a length · bytes as they are           (the row knows where they end)
//   list   count uint32, null bitmap, then the elements: fixed ones one after the other, text and bytes as length + content

import { shortestFloat32 } from '../../schemas/float32.ts';
import { type DataType, elementType, type Value } from '../../schemas/types.ts';
import type { ByteWriter } from '../../src/online/byte-writer.ts';

export interface RowBytes {
  readonly view: DataView;
  readonly text: Buffer;
}

/** A type of constant size, written in place. */
export interface FixedForm {
  readonly sizeBytes: number;
  write(view: DataView, offset: number, value: Value): void;
  read(view: DataView, offset: number): Value;
}

/** A type of varying size, appended. */
export interface VaryingForm {
  write(out: ByteWriter, value: Value): void;
  read(row: RowBytes, from: number, to: number): Value;
}

const INT64: FixedForm = {
  sizeBytes: 8,
  write: (view, offset, value) => view.setBigInt64(offset, value as bigint, true),
  read: (view, offset) => view.getBigInt64(offset, true),
};

const FIXED: Readonly<Partial<Record<string, FixedForm>>> = {
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

const TEXT: VaryingForm = {
  write: (out, value) => out.text(value as string),
  read: (row, from, to) => row.text.toString('utf8', from, to),
};

const BYTES: VaryingForm = {
  write: (out, value) => out.copy(value as Uint8Array),
  read: (row, from, to) => new Uint8Array(row.text.subarray(from, to)),
};

/** null for types of varying size. */
export const fixedForm = (type: DataType): FixedForm | null => FIXED[type] ?? null;

/** For the types of which `fixedForm` is null. */
export function varyingForm(type: DataType): VaryingForm {
  const element = elementType(type);
  if (element === null) return type === 'bytes' ? BYTES : TEXT;
  const fixed = fixedForm(element);
  return listForm(fixed === null ? varyingElements(element === 'bytes' ? BYTES : TEXT) : fixedElements(fixed));
}

interface ElementsForm {
  write(out: ByteWriter, values: readonly Value[]): void;
  read(row: RowBytes, from: number, count: number, isNull: (index: number) => boolean): Value[];
}

const listForm = (elements: ElementsForm): VaryingForm => ({
  write: (out, value) => {
    const values = value as readonly Value[];
    writeUint32(out, values.length);
    writeNullBitmap(out, values);
    elements.write(out, values);
  },
  read: (row, from) => {
    const count = row.view.getUint32(from, true);
    const bitmap = from + 4;
    return elements.read(row, bitmap + Math.ceil(count / 8), count, (index) => hasBit(row.text, bitmap, index));
  },
});

export const hasBit = (bytes: Uint8Array, offset: number, index: number): boolean =>
  ((bytes[offset + (index >> 3)] as number) & (1 << (index & 7))) !== 0;

function writeUint32(out: ByteWriter, value: number): void {
  out.reserve(4);
  out.view.setUint32(out.position, value, true);
  out.position += 4;
}

function writeNullBitmap(out: ByteWriter, values: readonly Value[]): void {
  for (let first = 0; first < values.length; first += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8 && first + bit < values.length; bit += 1)
      if (values[first + bit] === null) bits |= 1 << bit;
    out.byte(bits);
  }
}

const fixedElements = (form: FixedForm): ElementsForm => ({
  write: (out, values) => {
    out.reserve(values.length * form.sizeBytes);
    for (const value of values) {
      if (value === null) out.bytes.fill(0, out.position, out.position + form.sizeBytes);
      else form.write(out.view, out.position, value);
      out.position += form.sizeBytes;
    }
  },
  read: (row, from, count, isNull) =>
    Array.from({ length: count }, (_value, index) =>
      isNull(index) ? null : form.read(row.view, from + index * form.sizeBytes),
    ),
});

const varyingElements = (form: VaryingForm): ElementsForm => ({
  write: (out, values) => {
    for (const value of values) {
      writeUint32(out, 0);
      const start = out.position - out.start;
      if (value !== null) form.write(out, value);
      out.view.setUint32(out.start + start - 4, out.position - out.start - start, true);
    }
  },
  read: (row, from, count, isNull) => {
    let position = from;
    return Array.from({ length: count }, (_value, index) => {
      const start = position + 4;
      position = start + row.view.getUint32(position, true);
      return isNull(index) ? null : form.read(row, start, position);
    });
  },
});
