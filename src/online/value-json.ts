// Values → what JSON.stringify writes: int64 with all its digits (as a number, or as text for readers that would lose
// some), timestamps as RFC 3339 UTC, bytes as base64, float32 with their shortest digits (the codec reads them so).
import { type DataType, elementType, type ScalarType, type Value } from '../../schemas/types.ts';
import { formatInstant } from '../instant.ts';

export type Int64Form = 'number' | 'string';
export type ToJson = (value: Value) => unknown;

/** `JSON.rawJSON` is in Node 24 but not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** null: values of the type are written as they are. */
export function jsonConverter(type: DataType, int64: Int64Form = 'number'): ToJson | null {
  const element = elementType(type);
  const convert = scalarConverter(element ?? (type as ScalarType), int64);
  if (convert === null) return null;
  return element === null ? orNull(convert) : orNull(listConverter(orNull(convert)));
}

function scalarConverter(type: ScalarType, int64: Int64Form): ToJson | null {
  if (type === 'timestamp') return (value) => formatInstant(value as bigint);
  if (type === 'bytes') return (value) => base64(value as Uint8Array);
  if (type !== 'int64') return null;
  return int64 === 'string' ? String : (value) => exactNumber(value as bigint);
}

const exactNumber = (value: bigint): unknown =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : rawJSON(value.toString());

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

const orNull =
  (convert: ToJson): ToJson =>
  (value) =>
    value === null ? null : convert(value);

const listConverter =
  (convert: ToJson): ToJson =>
  (value) =>
    (value as readonly Value[]).map(convert);
