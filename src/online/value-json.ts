// Values → JSON text: int64 with all its digits (as a number, or quoted for readers that lose them), timestamps as RFC
// 3339 UTC, bytes as base64, float32 with their shortest digits (the codec reads them so), lists as arrays.
import { type DataType, elementType, type ScalarType, type Value } from '../../schemas/types.ts';
import { formatInstant } from '../instant.ts';

export type Int64Form = 'number' | 'string';
/** One value of a known type → JSON text. */
export type ValueWriter = (value: Value) => string;

const finite: ValueWriter = (value) => (Number.isFinite(value) ? `${value as number}` : 'null');
const digits: ValueWriter = (value) => `${value as bigint}`;

const WRITE: Readonly<Record<ScalarType, ValueWriter>> = {
  bool: (value) => (value === true ? 'true' : 'false'),
  int32: finite,
  int64: digits,
  float32: finite,
  float64: finite,
  string: (value) => JSON.stringify(value),
  timestamp: (value) => `"${formatInstant(value as bigint)}"`,
  bytes: (value) => `"${base64(value as Uint8Array)}"`,
};

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

export function valueWriter(type: DataType, int64: Int64Form = 'number'): ValueWriter {
  const element = elementType(type);
  const write = scalarWriter(element ?? (type as ScalarType), int64);
  return element === null ? orNull(write) : orNull(listWriter(orNull(write)));
}

const scalarWriter = (type: ScalarType, int64: Int64Form): ValueWriter =>
  type === 'int64' && int64 === 'string' ? (value) => `"${value as bigint}"` : WRITE[type];

const orNull =
  (write: ValueWriter): ValueWriter =>
  (value) =>
    value === null ? 'null' : write(value);

const listWriter =
  (write: ValueWriter): ValueWriter =>
  (value) =>
    `[${(value as readonly Value[]).map(write).join(',')}]`;
