// Arrow columns in types that Parquet has and apache-arrow can slice. Otherwise readers would take some times for plain
// integers (arrow-rs writes seconds and Date64 as INT64 without a type), and slices of views lose their bytes.
//
//   timestamps       → microseconds: finer digits floor, the zone stays
//   Date64           → timestamp in microseconds; times of day in seconds → microseconds
//   Utf8View, BinaryView → Utf8, Binary
//   Null             → Int32, all null
import {
  Binary,
  BufferType,
  type Data,
  type DataType,
  DateUnit,
  Dictionary,
  Field,
  FixedSizeList,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimeUnit,
  DataType as Types,
  Utf8,
  Vector,
} from 'apache-arrow';
import { PlumbError } from '../../../schemas/errors.ts';
import { ArrowDamage } from './arrow-damage.ts';
import { dictionaryBytes } from './dictionary-bytes.ts';
import { takeBytes } from './label-limits.ts';
import { plainBytes } from './plain-bytes.ts';

/** Microseconds in one of a unit; the reciprocal where negative. */
const SCALE: Readonly<Record<TimeUnit, bigint>> = {
  [TimeUnit.SECOND]: 1_000_000n,
  [TimeUnit.MILLISECOND]: 1000n,
  [TimeUnit.MICROSECOND]: 1n,
  [TimeUnit.NANOSECOND]: -1000n,
};

export const portableSchema = (schema: Schema): Schema =>
  new Schema(schema.fields.map(portableField), schema.metadata, null, schema.metadataVersion);

/** `schema`: the portable one; the batch no slice. Throws where an instant does not fit int64 microseconds. */
export function portableBatch(batch: RecordBatch, schema: Schema): RecordBatch {
  const odd = batch.data.children.find(({ length }) => length !== batch.numRows);
  if (odd !== undefined)
    throw new ArrowDamage(`a column has ${odd.length} values in a record batch of ${batch.numRows} rows`);
  const children = batch.data.children.map((data, i) => portableColumn(data, schema.fields[i]?.name ?? ''));
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: batch.numRows, nullCount: 0, children }),
  );
}

function portableColumn(data: Data, name: string): Data {
  try {
    const portable = portableData(data);
    takeBytes(dictionaryBytes(portable));
    return portable;
  } catch (cause) {
    if (!(cause instanceof ArrowDamage)) throw cause;
    throw new PlumbError('INVALID_LABELS', `label column ${name}: ${cause.message}`, {
      details: { column: name },
      cause,
    });
  }
}

function portableField(field: Field): Field {
  const type = portableType(field.type);
  return type === field.type
    ? field
    : new Field(field.name, type, field.nullable || Types.isNull(field.type), field.metadata);
}

function portableType(type: DataType): DataType {
  if (Types.isTimestamp(type) && type.unit !== TimeUnit.MICROSECOND) return new TimestampMicrosecond(type.timezone);
  if (Types.isDate(type) && type.unit === DateUnit.MILLISECOND) return new TimestampMicrosecond();
  if (Types.isTime(type) && type.unit === TimeUnit.SECOND) return new TimeMicrosecond();
  if (Types.isUtf8View(type)) return new Utf8();
  if (Types.isBinaryView(type)) return new Binary();
  if (Types.isNull(type)) return new Int32();
  if (Types.isList(type)) return withItem(type, (item) => new List(item));
  if (Types.isFixedSizeList(type)) return withItem(type, (item) => new FixedSizeList(type.listSize, item));
  if (Types.isStruct(type)) {
    const fields = type.children.map(portableField);
    return fields.every((field, index) => field === type.children[index]) ? type : new Struct(fields);
  }
  if (Types.isDictionary(type)) {
    const values = portableType(type.dictionary);
    return values === type.dictionary ? type : new Dictionary(values, type.indices, type.id, type.isOrdered);
  }
  return type;
}

function withItem(type: List | FixedSizeList, make: (item: Field) => DataType): DataType {
  const item = portableField(type.valueField);
  return item === type.valueField ? type : make(item);
}

function portableData(data: Data): Data {
  const type = portableType(data.type);
  if (type === data.type) return data;
  if (Types.isDictionary(type)) {
    const copy = data.clone(type);
    copy.dictionary = new Vector((data.dictionary as Vector).data.map(portableData));
    return copy;
  }
  if (data.children.length > 0) {
    return data.clone(type, data.offset, data.length, data.nullCount, data.buffers, data.children.map(portableData));
  }
  if (Types.isUtf8View(data.type) || Types.isBinaryView(data.type)) return plainBytes(data, type);
  if (Types.isNull(data.type)) return nulls(type, data.length);
  const buffers = { ...data.buffers, [BufferType.DATA]: toMicros(data, scaleOf(data.type)) };
  return data.clone(type, data.offset, data.length, data.nullCount, buffers);
}

/** A column of nulls has no bytes until now. */
function nulls(type: DataType, length: number): Data {
  const nullBitmap = Math.ceil(length / 8);
  takeBytes(length * Int32Array.BYTES_PER_ELEMENT + nullBitmap);
  return makeData({
    type: type as Int32,
    length,
    nullCount: length,
    nullBitmap: new Uint8Array(nullBitmap),
    data: new Int32Array(length),
  });
}

const scaleOf = (type: DataType): bigint =>
  Types.isTimestamp(type) || Types.isTime(type) ? SCALE[type.unit as TimeUnit] : SCALE[TimeUnit.MILLISECOND];

function toMicros(data: Data, scale: bigint): BigInt64Array {
  const values = data.values as BigInt64Array | Int32Array;
  if (values.length < data.length)
    throw new ArrowDamage(`a column of ${data.type} is shorter than its ${data.length} rows`);
  takeBytes(data.length * BigInt64Array.BYTES_PER_ELEMENT);
  const micros = new BigInt64Array(data.length);
  for (let row = 0; row < data.length; row++) {
    const value = BigInt(values[row] as bigint | number);
    const scaled = scale < 0n ? floorDivide(value, -scale) : value * scale;
    micros[row] = scaled;
    // What lies in the slot of a null does not matter.
    if (micros[row] !== scaled && data.getValid(row))
      throw new ArrowDamage(
        `found the instant ${value} of ${data.type}, expected one that microseconds since 1970 reach`,
      );
  }
  return micros;
}

const floorDivide = (value: bigint, by: bigint): bigint => (value < 0n ? (value - by + 1n) / by : value / by);
