// Utf8View and BinaryView columns → Utf8 and Binary.
//
//   a view, 16 bytes: length, 4 | up to 12 bytes of content
//                 or: length, 4 | prefix, 4 | number of the buffer, 4 | offset in it, 4
import { type Data, type DataType, makeData, type Utf8 } from 'apache-arrow';
import { ArrowDamage } from './arrow-damage.ts';
import { takeBytes } from './label-limits.ts';

const VIEW_BYTES = 16;
const MAX_INLINE = 12;
const MAX_BYTES = 2 ** 31 - 1;

/** `type`: Utf8 or Binary. */
export function plainBytes(data: Data, type: DataType): Data {
  const views = data.values as Uint8Array;
  const fields = new DataView(views.buffer, views.byteOffset, views.byteLength);
  if (views.byteLength < data.length * VIEW_BYTES)
    throw new ArrowDamage(`a column of ${data.type} is shorter than its ${data.length} rows`);
  const valueOffsets = new Int32Array(data.length + 1);
  let total = 0;
  for (let row = 0; row < data.length; row++) {
    total += data.getValid(row) ? fields.getInt32(row * VIEW_BYTES, true) : 0;
    valueOffsets[row + 1] = total;
  }
  if (total > MAX_BYTES)
    throw new ArrowDamage('a record batch holds more than 2 GiB of text in one column: write smaller batches');

  takeBytes(total);
  const bytes = new Uint8Array(total);
  for (let row = 0; row < data.length; row++) {
    if (data.getValid(row)) bytes.set(viewed(data, fields, row * VIEW_BYTES), valueOffsets[row] as number);
  }
  const { length, nullCount, nullBitmap } = data;
  return makeData({ type: type as Utf8, length, nullCount, nullBitmap, valueOffsets, data: bytes });
}

function viewed(data: Data, fields: DataView, at: number): Uint8Array {
  const length = fields.getInt32(at, true);
  if (length <= MAX_INLINE) return (data.values as Uint8Array).subarray(at + 4, at + 4 + length);
  const buffer = data.variadicBuffers[fields.getInt32(at + 8, true)];
  const start = fields.getInt32(at + 12, true);
  if (buffer === undefined || start < 0 || start + length > buffer.byteLength)
    throw new ArrowDamage('a view points outside of its buffers');
  return buffer.subarray(start, start + length);
}
