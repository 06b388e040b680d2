// Typed values of one feature → an Arrow vector, with typed arrays and no builder, as a reader of many rows would.
import * as arrow from 'apache-arrow';
import { type DataType, elementType, type Value } from '../../schemas/types.ts';

export const arrowColumn = (type: DataType, values: readonly Value[]): arrow.Vector =>
  arrow.makeVector(dataOf(type, values) as arrow.Data<arrow.DataType>);

function dataOf(type: string, values: readonly Value[]): arrow.Data {
  const element = elementType(type as DataType);
  const nulls = nullsOf(values);
  const length = values.length;
  if (element !== null) {
    const lists = values.map((value) => (value ?? []) as readonly Value[]);
    const child = dataOf(element, lists.flat());
    const valueOffsets = offsetsOf(lists.map((list) => list.length));
    return arrow.makeData({
      type: new arrow.List(new arrow.Field('item', child.type)),
      length,
      ...nulls,
      valueOffsets,
      child,
    });
  }
  if (type === 'string') {
    const texts = values.map((value) => Buffer.from((value ?? '') as string));
    const valueOffsets = offsetsOf(texts.map((text) => text.length));
    return arrow.makeData({ type: new arrow.Utf8(), length, ...nulls, valueOffsets, data: Buffer.concat(texts) });
  }
  if (type === 'int64' || type === 'timestamp') {
    const data = BigInt64Array.from(values, (value) => (value ?? 0n) as bigint);
    const arrowType = type === 'int64' ? new arrow.Int64() : new arrow.TimestampMicrosecond('UTC');
    return arrow.makeData({ type: arrowType as arrow.Int64, length, ...nulls, data });
  }
  const numbers = values.map(Number);
  if (type === 'float32')
    return arrow.makeData({ type: new arrow.Float32(), length, ...nulls, data: Float32Array.from(numbers) });
  if (type === 'bool') return arrow.makeData({ type: new arrow.Bool(), length, ...nulls, data: bitsOf(numbers) });
  return arrow.makeData({ type: new arrow.Float64(), length, ...nulls, data: Float64Array.from(numbers) });
}

function nullsOf(values: readonly Value[]): { nullCount: number; nullBitmap: Uint8Array } {
  const present = values.map((value) => (value === null ? 0 : 1));
  return { nullCount: present.filter((bit) => bit === 0).length, nullBitmap: bitsOf(present) };
}

function bitsOf(values: readonly number[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 64) * 8);
  for (const [i, value] of values.entries()) if (value !== 0) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  return bits;
}

function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) offsets[i + 1] = (offsets[i] as number) + length;
  return offsets;
}
