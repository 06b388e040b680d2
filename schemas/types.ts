// The type system of feature values. Imports nothing, so that SDKs can take it without zod.

export const SCALAR_TYPES = ['bool', 'int32', 'int64', 'float32', 'float64', 'string', 'timestamp', 'bytes'] as const;
export type ScalarType = (typeof SCALAR_TYPES)[number];

/** What columns and the features of row views may be, in canonical text: no spaces, as it is written in definitions. */
export type DeclaredType = ScalarType | `list<${ScalarType}>` | `vector<float32,${number}>`;

/** A feature or column type in its canonical text. Maps and structs are what aggregates give; nothing is declared as one. */
export type DataType = DeclaredType | `map<string,${ScalarType}>` | `struct<${string}>`;

export const JOIN_KEY_TYPES = ['string', 'int32', 'int64', 'bool'] as const;
export type JoinKeyType = (typeof JOIN_KEY_TYPES)[number];

/**
 * A value in memory: bool → boolean; int32, float32, float64 → number; int64 → bigint; string → string;
 * timestamp → bigint microseconds since 1970 UTC; bytes → Uint8Array; list and vector → array of the element's values;
 * map → array of [key, value], in the order in which they are written; struct → array of the values of its fields.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | readonly Value[];

export const SESSION_AGGREGATES = [
  'session_count',
  'session_events_mean',
  'session_events_max',
  'session_events_last',
  'session_seconds_mean',
  'session_seconds_last',
  'session_open_events',
] as const;
/** Of the sessions that the rows of a window form: maximal runs in which neighbours are at most a `gap` apart. */
export type SessionAggregate = (typeof SESSION_AGGREGATES)[number];

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
  ...SESSION_AGGREGATES,
  'first_row',
  'last_row',
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
const MAP = /^map<string,(\w+)>$/;
const STRUCT = /^struct<(.+)>$/;
const STRUCT_FIELD = /^([A-Za-z_][A-Za-z0-9_]*):(\w+)$/;

export const isScalarType = (type: string): type is ScalarType => (SCALAR_TYPES as readonly string[]).includes(type);

/** Parses a type that can be declared, as a user wrote it (spaces allowed); null when it is none. */
export function parseDataType(text: string): DeclaredType | null {
  const type = text.replaceAll(/\s+/g, '');
  if (isScalarType(type) || VECTOR.test(type)) return type as DeclaredType;
  const element = LIST.exec(type)?.[1];
  return element !== undefined && isScalarType(element) ? `list<${element}>` : null;
}

export interface StructField {
  readonly name: string;
  readonly type: ScalarType;
}

/** What a type is made of. */
export type TypeShape =
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | { readonly kind: 'list'; readonly element: ScalarType }
  | { readonly kind: 'vector'; readonly element: 'float32'; readonly length: number }
  | { readonly kind: 'map'; readonly value: ScalarType }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] };

/** Null where the text is no canonical type. */
export function parseShape(type: string): TypeShape | null {
  if (isScalarType(type)) return { kind: 'scalar', type };
  const length = VECTOR.exec(type)?.[1];
  if (length !== undefined) return { kind: 'vector', element: 'float32', length: Number(length) };
  const element = LIST.exec(type)?.[1];
  if (element !== undefined) return isScalarType(element) ? { kind: 'list', element } : null;
  const value = MAP.exec(type)?.[1];
  if (value !== undefined) return isScalarType(value) ? { kind: 'map', value } : null;
  const fields = STRUCT.exec(type)?.[1]?.split(',').map(parseField) ?? [null];
  return fields.every((field) => field !== null) ? { kind: 'struct', fields } : null;
}

function parseField(text: string): StructField | null {
  const [, name, type] = STRUCT_FIELD.exec(text) ?? [];
  return name !== undefined && type !== undefined && isScalarType(type) ? { name, type } : null;
}

export function shapeOf(type: DataType): TypeShape {
  const shape = parseShape(type);
  if (shape === null) throw new TypeError(`${type} is no type`);
  return shape;
}

export const structType = (fields: readonly StructField[]): DataType =>
  `struct<${fields.map(({ name, type }) => `${name}:${type}`).join(',')}>`;

/** The element type of a list or vector; null for every other type. */
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
