// Values in the oracle: ints and timestamps are bigint, floats are number, bytes are Uint8Array.
import { formatInstant, parseInstant } from './instants.ts';

export type Value = null | boolean | bigint | number | string | Uint8Array | readonly Value[];
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export const isInteger = (type: string): boolean => type === 'int32' || type === 'int64';
export const isFloat = (type: string): boolean => type === 'float32' || type === 'float64';
export const isNumeric = (type: string): boolean => isInteger(type) || isFloat(type);

/** The element type of `list<T>` and `vector<T,N>`, undefined for scalars. */
export const elementType = (type: string): string | undefined => /^(?:list|vector)<([^,]+?)(?:,\d+)?>$/.exec(type)?.[1];

/** The value type of `map<string,T>`, undefined for all others. */
export const mapValueType = (type: string): string | undefined => /^map<string,(.+)>$/.exec(type)?.[1];

/** The fields of `struct<name:T,…>`, undefined for all others. */
export const structFields = (type: string): (readonly [name: string, type: string])[] | undefined =>
  /^struct<(.+)>$/
    .exec(type)?.[1]
    ?.split(',')
    .map((field) => field.split(':') as [string, string]);

/** Non-finite numbers read as null, -0 as 0. */
export const finite = (x: number): number | null => (Number.isFinite(x) ? x + 0 : null);

/** Reads a value of a declared type from JSON, or from what an engine hands over in process. */
export function readValue(type: string, raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  const [valueType, fields] = [mapValueType(type), structFields(type)];
  if (valueType !== undefined && typeof raw === 'object') {
    const entries = Array.isArray(raw) ? (raw as [string, unknown][]) : Object.entries(raw);
    return entries.map(([key, value]) => [readValue('string', key), readValue(valueType, value)]);
  }
  if (fields !== undefined && typeof raw === 'object')
    return fields.map(([name, of], i) => readValue(of, Array.isArray(raw) ? raw[i] : Reflect.get(raw, name)));
  const element = elementType(type);
  if (element !== undefined && (Array.isArray(raw) || ArrayBuffer.isView(raw))) {
    return Array.from(raw as ArrayLike<unknown>, (item) => readValue(element, item));
  }
  if (type === 'bool' && typeof raw === 'boolean') return raw;
  if (type === 'string' && typeof raw === 'string') return raw;
  if (isInteger(type)) {
    if (typeof raw === 'bigint') return raw;
    if (typeof raw === 'number' && Number.isSafeInteger(raw)) return BigInt(raw);
    if (typeof raw === 'string' && /^-?\d+$/.test(raw)) return BigInt(raw);
  }
  if (isFloat(type) && (typeof raw === 'number' || typeof raw === 'bigint')) {
    return finite(type === 'float32' ? Math.fround(Number(raw)) : Number(raw));
  }
  if (type === 'timestamp') {
    if (typeof raw === 'bigint') return raw;
    if (typeof raw === 'string') return parseInstant(raw);
    if (raw instanceof Date) return BigInt(raw.getTime()) * 1000n;
  }
  if (type === 'bytes') {
    if (raw instanceof Uint8Array) return raw;
    if (typeof raw === 'string') return Buffer.from(raw, 'base64');
  }
  throw new Error(`not a value of type ${type}: ${typeof raw} ${String(raw)}`);
}

/** The value as a conformance case writes it: ints beyond 2^53 as digit strings, float32 as its shortest text. */
export function writeValue(type: string, value: Value): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') {
    if (type === 'timestamp') return formatInstant(value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === 'number') return type === 'float32' ? shortestFloat32(value) : value;
  const [valueType, fields] = [mapValueType(type), structFields(type)];
  if (valueType !== undefined)
    return Object.fromEntries((value as [string, Value][]).map(([key, item]) => [key, writeValue(valueType, item)]));
  if (fields !== undefined)
    return Object.fromEntries(fields.map(([name, of], i) => [name, writeValue(of, value[i] ?? null)]));
  return value.map((item) => writeValue(elementType(type) ?? '', item));
}

function shortestFloat32(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/**
 * The one order of values of equal type: null lowest, false before true, numbers, strings by their UTF-8 bytes, bytes
 * unsigned, lists element by element (a prefix is lower).
 */
export function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const order = compareValues(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  if (typeof a !== typeof b) throw new Error(`cannot order ${typeof a} and ${typeof b}`);
  return a < b ? -1 : a > b ? 1 : 0;
}

export const sameValue = (a: Value, b: Value): boolean => compareValues(a, b) === 0;
