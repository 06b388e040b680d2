// DuckDB's types of Parquet columns → ours, and which of them read as which.
import type { DataType } from '../../../schemas/types.ts';
import { isScalarType } from '../../../schemas/types.ts';
import { ZONED, ZONED_NANOS } from '../../sql/duckdb/source-instants.ts';

const PHYSICAL: Readonly<Record<string, DataType>> = {
  BOOLEAN: 'bool',
  TINYINT: 'int32',
  SMALLINT: 'int32',
  INTEGER: 'int32',
  UTINYINT: 'int32',
  USMALLINT: 'int32',
  UINTEGER: 'int64',
  BIGINT: 'int64',
  UBIGINT: 'int64',
  FLOAT: 'float32',
  DOUBLE: 'float64',
  VARCHAR: 'string',
  BLOB: 'bytes',
  DATE: 'timestamp',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  [ZONED]: 'timestamp',
  [ZONED_NANOS]: 'timestamp',
};

/** The engine reads decimals of more digits wrong. */
const MOST_DECIMAL_DIGITS = 38;

/**
 * Our type for a physical one; null where none holds it. Decimals are float64, as in expressions. Whether an unsigned 64-bit
 * integer fits is seen value by value.
 */
export function dataTypeOf(physical: string): DataType | null {
  const digits = /^DECIMAL\((\d+),/.exec(physical)?.[1];
  if (digits !== undefined && !physical.endsWith(']')) return Number(digits) <= MOST_DECIMAL_DIGITS ? 'float64' : null;
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
  'list<float32>': ['list<int32>'],
  'list<int64>': ['list<int32>'],
};

/** Of a column in which all values are null, as Arrow writes it. */
export const NO_TYPE = 'NULL';

/** Widening is fine: a narrower integer or float reads as a wider one; numbers never read as text, nor text as numbers. */
export function readsAs(physical: string, wanted: DataType): boolean {
  if (physical === NO_TYPE) return true;
  const found = dataTypeOf(physical);
  if (found === null) return false;
  return (
    found === wanted ||
    WIDENED[wanted]?.includes(found) === true ||
    (wanted.startsWith('vector<') && found === 'list<float32>')
  );
}

/** The widest of types of one family, over files; null where they are of several, or one is none of ours. */
export function widestType(types: readonly (DataType | null)[]): DataType | null {
  return types.reduce((a, b) => (a === null || b === null ? null : widerOf(a, b)));
}

const FAMILIES: readonly (readonly DataType[])[] = [
  ['int32', 'int64'],
  ['float32', 'float64'],
  ['list<int32>', 'list<int64>'],
  ['list<float32>', 'list<float64>'],
];

function widerOf(a: DataType, b: DataType): DataType | null {
  if (a === b) return a;
  const family = FAMILIES.find((types) => types.includes(a) && types.includes(b));
  return family?.[1] ?? null;
}
