// The order of rows (DESIGN section 2), as bytes and as a comparison: (event time, created, partition, offset), nulls lowest.
// Rows without a position (of batch sources, and of a stream's history, which sorts below its log) compare their own value.
import type { Value } from '../../schemas/types.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { AggregateRow, Position } from './algebra.ts';
import type { ValueCodec } from './value-codec.ts';
import { orderInTime, orderOfValues } from './value-order.ts';

/** A value that is kept with the place of its row. */
export interface Placed {
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
  readonly position: Position | null;
  readonly value: Value;
}

export const placed = ({ eventMicros, createdMicros, position }: AggregateRow, value: Value): Placed => ({
  eventMicros,
  createdMicros,
  position,
  value,
});

export const orderOfRows = (a: Placed, b: Placed): number =>
  orderInTime(a, b) || orderOfPositions(a.position, b.position) || orderOfValues(a.value, b.value);

export function orderOfPositions(a: Position | null, b: Position | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return a.partition - b.partition || orderOfValues(a.offset, b.offset);
}

const FLAG = { created: 1, position: 2 } as const;

export function writePlace(row: Omit<Placed, 'value'>, out: ByteWriter): void {
  const { createdMicros, position } = row;
  out.byte((createdMicros === null ? 0 : FLAG.created) | (position === null ? 0 : FLAG.position));
  out.varint(row.eventMicros);
  // A row is created soon after it happened.
  if (createdMicros !== null) out.varint(createdMicros - row.eventMicros);
  if (position === null) return;
  out.uvarint(position.partition);
  out.varint(position.offset);
}

export function readPlace(bytes: ByteReader): Omit<Placed, 'value'> {
  const flags = bytes.byte();
  if (flags > 3) throw bytes.refusal(`flags ${flags}, expected at most 3,`);
  const eventMicros = bytes.varint();
  const createdMicros = (flags & FLAG.created) === 0 ? null : eventMicros + bytes.varint();
  const position = (flags & FLAG.position) === 0 ? null : { partition: bytes.uvarint(), offset: bytes.varint() };
  return { eventMicros, createdMicros, position };
}

export function writePlaced(row: Placed, codec: ValueCodec, out: ByteWriter): void {
  writePlace(row, out);
  codec.write(row.value, out);
}

export const readPlaced = (codec: ValueCodec, bytes: ByteReader): Placed => ({
  ...readPlace(bytes),
  value: codec.read(bytes),
});
