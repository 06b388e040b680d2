// Values as JSON, for reports and labels: int64 with all digits (as bigint), instants as RFC 3339 text, bytes in base64.
import { type DataType, elementType, type Value } from '../../schemas/types.ts';
import { formatInstant } from '../instant.ts';
import type { Json } from '../lossless-json.ts';

export function jsonValue(value: Value, type: DataType): Json {
  const element = elementType(type);
  if (value === null) return null;
  if (Array.isArray(value) && element !== null) return value.map((item: Value) => jsonValue(item, element));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return type === 'timestamp' ? formatInstant(value as bigint) : (value as Json);
}

/** Equal for equal keys of one view. */
export const keyText = (key: readonly Value[]): string =>
  key.map((value) => JSON.stringify(typeof value === 'bigint' ? `${value}` : value)).join(' ');
