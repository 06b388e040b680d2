// The type system of feature values. Imports nothing, so that SDKs can take it without zod.

export const SCALAR_TYPES = ['bool', 'int32', 'int64', 'float32', 'float64', 'string', 'timestamp', 'bytes'] as const;
export type ScalarType = (typeof SCALAR_TYPES)[number];

/** A feature or column type in its canonical text: no spaces, as it is written in definitions. */
export type DataType = ScalarType | `list<${ScalarType}>` | `vector<float32,${number}>`;

export const JOIN_KEY_TYPES = ['string', 'int32', 'int64', 'bool'] as const;
export type JoinKeyType = (typeof JOIN_KEY_TYPES)[number];

/**
 * A value in memory: bool → boolean; int32, float32, float64 → number; int64 → bigint; string → string;
 * timestamp → bigint microseconds since 1970 UTC; bytes → Uint8Array; list and vector → array of the element's values.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | readonly Value[];

export const AGGREGATES = [
  'count',
  'sum',
  'mean',
  'stddev_pop',
  'stddev_samp',
  'var_pop',
  'var_samp',
  'min',
  'max',
  'first',
  'last',
  'last_n',
  'count_distinct',
  'approx_count_distinct',
  'approx_percentile',
] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** Statuses of a served value; the first that holds, in this order, is reported (DESIGN section 2). */
export const STATUSES = [
  'UNAVAILABLE',
  'NOT_MATERIALIZED',
  'TOO_EARLY',
  'NOT_FOUND',
  'OUTSIDE_MAX_AGE',
  'INVALID',
  'NULL_VALUE',
  'PRESENT',
] as const;
export type Status = (typeof STATUSES)[number];

const LIST = /^list<(\w+)>$/;
const VECTOR = /^vector<float32,([1-9]\d{0,4})>$/;

export const isScalarType = (type: string): type is ScalarType => (SCALAR_TYPES as readonly string[]).includes(type);

/** Parses a type as a user wrote it (spaces allowed); null when it is none. */
export function parseDataType(text: string): DataType | null {
  const type = text.replaceAll(/\s+/g, '');
  if (isScalarType(type) || VECTOR.test(type)) return type as DataType;
  const element = LIST.exec(type)?.[1];
  return element !== undefined && isScalarType(element) ? `list<${element}>` : null;
}

/** The element type of a list or vector; null for a scalar. */
export function elementType(type: DataType): ScalarType | null {
  if (VECTOR.test(type)) return 'float32';
  const element = LIST.exec(type)?.[1];
  return element === undefined ? null : (element as ScalarType);
}

/** The fixed length of a vector; null for every other type. */
export function vectorLength(type: DataType): number | null {
  const length = VECTOR.exec(type)?.[1];
  return length === undefined ? null : Number(length);
}

export const isNumericType = (type: DataType): boolean =>
  type === 'int32' || type === 'int64' || type === 'float32' || type === 'float64';
export const isIntegerType = (type: DataType): boolean => type === 'int32' || type === 'int64';
export const isFloatType = (type: DataType): boolean => type === 'float32' || type === 'float64';
