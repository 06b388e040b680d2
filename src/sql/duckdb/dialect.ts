// DuckDB's side of the dialect. Physical types: bool BOOLEAN, int32 INTEGER, int64 BIGINT, float32 FLOAT, float64 DOUBLE,
// string VARCHAR, timestamp TIMESTAMP (UTC), bytes BLOB, list<T> T[], vector<float32,N> FLOAT[], map<string,T> MAP(VARCHAR, T),
// struct<name:T,…> STRUCT(name T, …).

import { PlumbError } from '../../../schemas/errors.ts';
import { type DataType, shapeOf, type TypeShape, type Value } from '../../../schemas/types.ts';
import type { Dialect } from '../dialect.ts';
import { printFallible } from './expression.ts';
import { ident, text, typeName } from './names.ts';
import { orderKey } from './order-keys.ts';

function literal(value: Value, type: DataType): string {
  if (value === null) return `CAST(NULL AS ${typeName(type)})`;
  if (type === 'timestamp' && typeof value === 'bigint') return `make_timestamp(${value}::BIGINT)`;
  const shape = shapeOf(type);
  if (shape.kind === 'scalar') return `CAST(${scalarText(value)} AS ${typeName(type)})`;
  if (!Array.isArray(value)) throw new PlumbError('INTERNAL', `a ${type} literal is not a list`);
  return `CAST(${manyText(value, shape)} AS ${typeName(type)})`;
}

function manyText(values: readonly Value[], shape: Exclude<TypeShape, { readonly kind: 'scalar' }>): string {
  switch (shape.kind) {
    case 'map': {
      const entries = values as readonly (readonly [string, Value])[];
      return `MAP {${entries.map(([key, value]) => `${literal(key, 'string')}: ${literal(value, shape.value)}`).join(', ')}}`;
    }
    case 'struct':
      return `{${shape.fields.map((field, i) => `${text(field.name)}: ${literal(values[i] ?? null, field.type)}`).join(', ')}}`;
    default:
      return `[${values.map((item) => literal(item, shape.element)).join(', ')}]`;
  }
}

function scalarText(value: Value): string {
  // The parser would cut a text at a NUL.
  if (typeof value === 'string') return `(${value.split('\0').map(text).join(' || chr(0) || ')})`;
  if (value instanceof Uint8Array) return `from_hex(${text(Buffer.from(value).toString('hex'))})`;
  return typeof value === 'number' ? `'${value}'` : String(value);
}

export const duckdbDialect: Dialect = {
  ident,
  text,
  literal,
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
