// DuckDB's types of Parquet columns → ours, and which of them read as which.
import type { DataType } from '../../../schemas/types.ts';
import { isScalarType } from '../../../schemas/types.ts';

const PHYSICAL: Readonly<Record<string, DataType>> = {
  BOOLEAN: 'bool',
  TINYINT: 'int32',
  SMALLINT: 'int32',
  INTEGER: 'int32',
  UTINYINT: 'int32',
  USMALLINT: 'int32',
  UINTEGER: 'int64',
  BIGINT: 'int64',
  FLOAT: 'float32',
  DOUBLE: 'float64',
  VARCHAR: 'string',
  BLOB: 'bytes',
  DATE: 'timestamp',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
};

/** Our type for a physical one; null where none holds it losslessly. Decimals are float64, as in expressions. */
export function dataTypeOf(physical: string): DataType | null {
  if (physical.startsWith('DECIMAL')) return 'float64';
  const vector = /^FLOAT\[(\d+)\]$/.exec(physical)?.[1];
  if (vector !== undefined) return `vector<float32,${Number(vector)}>`;
  const element = /^(.+)\[\]$/.exec(physical)?.[1];
  if (element === undefined) return PHYSICAL[physical] ?? null;
  const inner = dataTypeOf(element);
  return inner !== null && isScalarType(inner) ? `list<${inner}>` : null;
}

const WIDENED: Readonly<Record<string, readonly string[]>> = {
  int64: ['int32'],
  float64: ['float32', 'int32', 'int64'],
  float32: ['int32'],
  'list<float64>': ['list<float32>', 'list<int32>', 'list<int64>'],
  'list<int64>': ['list<int32>'],
};

/** Widening is fine: a narrower integer or float reads as a wider one; numbers never read as text, nor text as numbers. */
export function readsAs(physical: string, wanted: DataType): boolean {
  const found = dataTypeOf(physical);
  if (found === null) return false;
  return (
    found === wanted ||
    WIDENED[wanted]?.includes(found) === true ||
    (wanted.startsWith('vector<') && found === 'list<float32>')
  );
}
