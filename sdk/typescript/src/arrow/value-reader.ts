// A column of a record batch → a function from row to value; the type is looked at once per batch, not per value.
import { type Data, type DataType, DateUnit, Precision, TimeUnit, DataType as Types, Vector } from 'apache-arrow';
import { shortestFloat32 } from '../../../../schemas/float32.ts';
import { formatInstant } from '../../../../schemas/instant-text.ts';

export interface ValueForms {
  /** Default `number`, as in lookups: beyond ±(2^53 - 1) as bigint. */
  readonly int64?: 'number' | 'bigint' | 'string' | undefined;
  /**
   * `text` (default): RFC 3339 in UTC, as in lookups. `micros`: bigint, microseconds since 1970. `date`: a Date, which has
   * milliseconds only; what is finer floors.
   */
  readonly timestamps?: 'text' | 'micros' | 'date' | undefined;
}

/** Rows give bytes as they are, answers of lookups as JSON has them. */
interface ReadForms extends ValueForms {
  readonly bytes?: 'array' | 'base64' | undefined;
}

type ReadValue = (row: number) => unknown;

/** `data` as it comes from Arrow IPC: not sliced. Labels may have types that features have not. */
export function valueReader(data: Data, forms: ReadForms): ReadValue {
  const read = presentReader(data, forms);
  if (data.nullCount === 0) return read;
  const bits = data.nullBitmap;
  return (row) => (((bits[row >> 3] ?? 0) & (1 << (row & 7))) === 0 ? null : read(row));
}

function presentReader(data: Data, forms: ReadForms): ReadValue {
  const { type } = data;
  if (Types.isNull(type)) return () => null;
  if (Types.isInt(type) && type.bitWidth === 64) return int64Reader(data.values as BigInt64Array, forms);
  if (Types.isFloat(type) && type.precision === Precision.SINGLE) {
    const values = data.values as Float32Array;
    return (row) => shortestFloat32(values[row] as number);
  }
  if (Types.isInt(type) || (Types.isFloat(type) && type.precision === Precision.DOUBLE)) {
    const values = data.values as Float64Array;
    return (row) => values[row];
  }
  if (Types.isTimestamp(type)) return timestampReader(data.values as BigInt64Array, type.unit, forms);
  if (Types.isDate(type)) return dateReader(data, type.unit);
  if (Types.isDecimal(type)) return decimalReader(data.values as Uint32Array, type.scale);
  if (Types.isList(type)) {
    const offsets = data.valueOffsets;
    return itemsReader(data, forms, (row) => [offsets[row] as number, offsets[row + 1] as number]);
  }
  if (Types.isFixedSizeList(type)) {
    const { listSize } = type;
    return itemsReader(data, forms, (row) => [row * listSize, (row + 1) * listSize]);
  }
  if (Types.isStruct(type)) return structReader(data, forms);
  if (Types.isMap(type) && Types.isUtf8(type.keyType)) return mapReader(data, forms);
  return arrowReader(data, forms);
}

function int64Reader(values: BigInt64Array | BigUint64Array, { int64 = 'number' }: ValueForms): ReadValue {
  if (int64 === 'bigint') return (row) => values[row];
  if (int64 === 'string') return (row) => String(values[row]);
  return (row) => {
    const value = values[row] as bigint;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  };
}

const MICROS: Readonly<Record<TimeUnit, (value: bigint) => bigint>> = {
  [TimeUnit.SECOND]: (value) => value * 1_000_000n,
  [TimeUnit.MILLISECOND]: (value) => value * 1000n,
  [TimeUnit.MICROSECOND]: (value) => value,
  [TimeUnit.NANOSECOND]: (value) => floorDivide(value, 1000n),
};

const floorDivide = (value: bigint, by: bigint): bigint => (value < 0n ? (value - by + 1n) / by : value / by);

function timestampReader(values: BigInt64Array, unit: TimeUnit, { timestamps = 'text' }: ValueForms): ReadValue {
  const toMicros = MICROS[unit];
  const form = {
    text: formatInstant,
    micros: (micros: bigint) => micros,
    date: (micros: bigint) => new Date(Number(floorDivide(micros, 1000n))),
  }[timestamps];
  return (row) => form(toMicros(values[row] as bigint));
}

const DAY_MILLIS = 86_400_000;

/** `2026-01-31` */
function dateReader(data: Data, unit: DateUnit): ReadValue {
  const values = data.values as Int32Array | BigInt64Array;
  const millisPer = unit === DateUnit.DAY ? DAY_MILLIS : 1;
  return (row) => new Date(Number(values[row]) * millisPer).toISOString().split('T')[0];
}

/** Text with all digits, e.g. `-12.50`; 128 bits or more, little endian, two's complement. */
function decimalReader(words: Uint32Array, scale: number): ReadValue {
  return (row) => {
    // parquet-wasm writes 128 bits.
    const at = row * 4;
    let value = 0n;
    for (let word = 3; word >= 0; word -= 1) value = (value << 32n) | BigInt(words[at + word] ?? 0);
    return decimalText(BigInt.asIntN(128, value), scale);
  };
}

function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function itemsReader(data: Data, forms: ReadForms, rangeOf: (row: number) => readonly [number, number]): ReadValue {
  const item = valueReader(data.children[0] as Data, forms);
  return (row) => {
    const [start, end] = rangeOf(row);
    const items: unknown[] = new Array(end - start);
    for (let i = start; i < end; i += 1) items[i - start] = item(i);
    return items;
  };
}

function structReader(data: Data, forms: ReadForms): ReadValue {
  const fields = data.type.children.map(({ name }: { readonly name: string }, i: number) => {
    return [name, valueReader(data.children[i] as Data, forms)] as const;
  });
  return (row) => Object.fromEntries(fields.map(([name, read]) => [name, read(row)]));
}

/** An object, as JSON has it: keys that look like integers come first, whatever their order in the map. */
function mapReader(data: Data, forms: ReadForms): ReadValue {
  const offsets = data.valueOffsets;
  const [keys, values] = (data.children[0] as Data).children as [Data, Data];
  const [key, value] = [valueReader(keys, forms), valueReader(values, forms)];
  return (row) => {
    const entries: [string, unknown][] = [];
    for (let i = offsets[row] as number; i < (offsets[row + 1] as number); i += 1)
      entries.push([key(i) as string, value(i)]);
    return Object.fromEntries(entries);
  };
}

/** Text, flags, bytes; and of labels times of day, intervals and maps by other keys than text, as apache-arrow gives them. */
function arrowReader(data: Data<DataType>, { bytes = 'array' }: ReadForms): ReadValue {
  const vector = new Vector([data]);
  if (!Types.isBinary(data.type) && !Types.isFixedSizeBinary(data.type)) return (row) => vector.get(row);
  if (bytes === 'base64') return (row) => base64(vector.get(row) as Uint8Array);
  // A copy: a view would keep its whole batch in memory.
  return (row) => (vector.get(row) as Uint8Array).slice();
}

const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
