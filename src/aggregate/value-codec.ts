// Values as bytes inside of partials, and the canonical bytes that values are counted by. docs/specs/partials.md has both.

import { PlumbError } from '../../schemas/errors.ts';
import { type DataType, type ScalarType, shapeOf, type Value } from '../../schemas/types.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';

/** Of values that are not null. */
export interface ValueCodec {
  write(value: Value, out: ByteWriter): void;
  read(bytes: ByteReader): Value;
}

const bytesOf: ValueCodec = {
  write: (value, out) => {
    out.uvarint((value as Uint8Array).length);
    out.copy(value as Uint8Array);
  },
  // A copy: what was read from may be used again.
  read: (bytes) => Uint8Array.from(bytes.slice(bytes.uvarint())),
};

const text: ValueCodec = {
  write: (value, out) => {
    out.uvarint(Buffer.byteLength(value as string));
    out.text(value as string);
  },
  read: (bytes) => bytes.text(bytes.uvarint()),
};

const int64: ValueCodec = {
  write: (value, out) => out.varint(value as bigint),
  read: (bytes) => bytes.varint(),
};

const SCALARS: Readonly<Record<ScalarType, ValueCodec>> = {
  bool: {
    write: (value, out) => out.byte(value === true ? 1 : 0),
    read: (bytes) => {
      const byte = bytes.byte();
      if (byte > 1) throw bytes.refusal(`a bool of ${byte}`);
      return byte === 1;
    },
  },
  int32: {
    write: (value, out) => out.varint(BigInt(value as number)),
    read: (bytes) => Number(bytes.varint()),
  },
  int64,
  timestamp: int64,
  float32: {
    write: (value, out) => out.float32(value as number),
    read: (bytes) => bytes.float32(),
  },
  float64: {
    write: (value, out) => out.float64(value as number),
    read: (bytes) => bytes.float64(),
  },
  string: text,
  bytes: bytesOf,
};

/** Of what aggregates read: no maps. */
export function valueCodec(type: DataType): ValueCodec {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return SCALARS[shape.type];
    case 'struct':
      return structCodec(shape.fields.map((field) => SCALARS[field.type]));
    case 'map':
      throw new PlumbError('INTERNAL', 'no aggregate reads a map');
    default:
      return listCodec(SCALARS[shape.element]);
  }
}

const listCodec = (element: ValueCodec): ValueCodec => ({
  write: (value, out) => {
    const items = value as readonly Value[];
    out.uvarint(items.length);
    for (const item of items) writeNullable(element, item, out);
  },
  read: (bytes) => Array.from({ length: bytes.count(1) }, () => readNullable(element, bytes)),
});

const structCodec = (fields: readonly ValueCodec[]): ValueCodec => ({
  write: (value, out) => {
    for (const [i, codec] of fields.entries()) writeNullable(codec, (value as readonly Value[])[i] ?? null, out);
  },
  read: (bytes) => fields.map((codec) => readNullable(codec, bytes)),
});

export function writeNullable(codec: ValueCodec, value: Value, out: ByteWriter): void {
  out.byte(value === null ? 0 : 1);
  if (value !== null) codec.write(value, out);
}

export function readNullable(codec: ValueCodec, bytes: ByteReader): Value {
  const mark = bytes.byte();
  if (mark > 1) throw bytes.refusal(`a mark of ${mark}, expected 0 for null or 1,`);
  return mark === 0 ? null : codec.read(bytes);
}
