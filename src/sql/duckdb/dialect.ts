// DuckDB's side of the dialect. Physical types: bool BOOLEAN, int32 INTEGER, int64 BIGINT, float32 FLOAT, float64 DOUBLE,
// string VARCHAR, timestamp TIMESTAMP (UTC), bytes BLOB, list<T> T[], vector<float32,N> FLOAT[].

import { PlumbError } from '../../../schemas/errors.ts';
import type { DataType, Value } from '../../../schemas/types.ts';
import { elementType } from '../../../schemas/types.ts';
import type { Dialect } from '../dialect.ts';
import { printFallible } from './expression.ts';
import { ident, text, typeName } from './names.ts';
import { orderKey } from './order-keys.ts';

function literal(value: Value, type: DataType): string {
  if (value === null) return `CAST(NULL AS ${typeName(type)})`;
  const element = elementType(type);
  if (element === null) return `CAST(${scalarText(value)} AS ${typeName(type)})`;
  if (!Array.isArray(value)) throw new PlumbError('INTERNAL', `a ${type} literal is not a list`);
  return `CAST([${value.map((item: Value) => literal(item, element)).join(', ')}] AS ${typeName(type)})`;
}

function scalarText(value: Value): string {
  if (typeof value === 'string') return text(value);
  if (value instanceof Uint8Array) return `from_hex(${text(Buffer.from(value).toString('hex'))})`;
  return typeof value === 'number' ? `'${value}'` : String(value);
}

export const duckdbDialect: Dialect = {
  ident,
  text,
  literal: (value, type) =>
    type === 'timestamp' && typeof value === 'bigint' ? `make_timestamp(${value}::BIGINT)` : literal(value, type),
  cast: (sql, type) => `CAST(${sql} AS ${typeName(type)})`,
  fallible: printFallible,
  orderKey,
  isFinite: (sql) => `isfinite(${sql})`,
  fail: (message) => `error(${text(message)})`,
  instant: (micros) => `make_timestamp(CAST(${micros} AS BIGINT))`,
  micros: (instant) => `epoch_us(${instant})`,
  nonNullList: (items) => `nullif(list_filter([${items.join(', ')}], lambda item: item IS NOT NULL), [])`,
  listContains: (list, item) => `list_contains(${list}, ${item})`,
};
