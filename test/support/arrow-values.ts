// Columns of an Arrow table as values in memory (schemas/types.ts), read from the buffers: apache-arrow's own getters round
// instants to milliseconds.
import { type Data, Precision, type Table, DataType as Types, Vector } from 'apache-arrow';
import { shortestFloat32 } from '../../schemas/float32.ts';
import type { Value } from '../../schemas/types.ts';

/** One list per column. */
export const columnValues = (table: Table): Value[][] =>
  table.schema.fields.map((_, index) =>
    (table.getChildAt(index) as Vector).data.flatMap((data) =>
      Array.from({ length: data.length }, (_row, row) => valueAt(data, row)),
    ),
  );

function valueAt(data: Data, row: number): Value {
  const { type } = data;
  if (!data.getValid(row)) return null;
  if (Types.isTimestamp(type)) return (data.values as BigInt64Array)[row] as bigint;
  if (Types.isFloat(type) && type.precision === Precision.SINGLE)
    return shortestFloat32((data.values as Float32Array)[row] as number);
  if (Types.isList(type)) return items(data, data.valueOffsets[row] as number, data.valueOffsets[row + 1] as number);
  if (Types.isFixedSizeList(type)) return items(data, row * type.listSize, (row + 1) * type.listSize);
  if (Types.isMap(type)) return items(data, data.valueOffsets[row] as number, data.valueOffsets[row + 1] as number);
  if (Types.isStruct(type)) return data.children.map((child) => valueAt(child, row));
  return new Vector([data]).get(row) as Value;
}

const items = (data: Data, start: number, end: number): Value[] =>
  Array.from({ length: end - start }, (_, index) => valueAt(data.children[0] as Data, start + index));
