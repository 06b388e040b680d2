// Whether a served value is the one that training has.
import {
  type DataType,
  isFloatType,
  isNumericType,
  shapeOf,
  structType,
  type TypeShape,
  type Value,
} from '../../schemas/types.ts';
import type { Served } from './serving-path.ts';
import type { Expected } from './training-path.ts';

export interface Comparison {
  readonly isEqual: boolean;
  /** |training - serving| of two numbers; null where there are not two. */
  readonly distance: number | null;
}

export function compareValues(type: DataType, expected: Expected, served: Served): Comparison {
  const distance = distanceOf(type, expected.value, served.value);
  const isClose = distance !== null && distance <= expected.tolerance;
  const isUncertain = expected.tolerance === Number.POSITIVE_INFINITY && isNullOrNumber(served.value);
  const isSame = isClose || isUncertain || isSameOrClose(type, expected, served.value);
  return { isEqual: isSame && (served.status === expected.status || isUncertain), distance };
}

const isNullOrNumber = (value: Value): boolean => value === null || typeof value === 'number';

function distanceOf(type: DataType, a: Value, b: Value): number | null {
  if (!isNumericType(type) || a === null || b === null) return null;
  if (typeof a === 'bigint' && typeof b === 'bigint') return Number(a > b ? a - b : b - a);
  return type === 'float32'
    ? Math.abs(Math.fround(Number(a)) - Math.fround(Number(b)))
    : Math.abs(Number(a) - Number(b));
}

function sameValue(type: DataType, a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  const shape = shapeOf(type);
  if (shape.kind !== 'scalar') return sameItems(typesIn(shape), a as readonly Value[], b as readonly Value[]);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return type === 'float32' ? Math.fround(a as number) === Math.fround(b as number) : a === b;
}

/** Of each item; of a map, of each entry's parts. */
function typesIn(shape: Exclude<TypeShape, { readonly kind: 'scalar' }>): (index: number) => DataType {
  switch (shape.kind) {
    case 'map':
      return () => structType([KEY, { name: 'value', type: shape.value }]);
    case 'struct':
      return (i) => shape.fields[i]?.type ?? 'bool';
    default:
      return () => shape.element;
  }
}

const KEY = { name: 'key', type: 'string' } as const;

const sameItems = (typeAt: (index: number) => DataType, a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((item, i) => sameValue(typeAt(i), item, b[i] ?? null));

function isSameOrClose(type: DataType, { value, tolerance }: Expected, served: Value): boolean {
  if (sameValue(type, value, served)) return true;
  const shape = shapeOf(type);
  if (shape.kind !== 'map' || !isFloatType(shape.value) || value === null || served === null) return false;
  return closeMaps(value as readonly Entry[], served as readonly Entry[], tolerance);
}

type Entry = readonly [key: string, value: number | null];

/**
 * Values that lie no further apart than their order of summing explains may stand in another order, and the least of `top`
 * may be another key.
 */
function closeMaps(a: readonly Entry[], b: readonly Entry[], tolerance: number): boolean {
  const isClose = (one: number | null, other: number | null): boolean =>
    one === other || (one !== null && other !== null && Math.abs(one - other) <= tolerance);
  const other = new Map(b);
  const isKept = ([key, value]: Entry): boolean =>
    isClose(value, (other.has(key) ? other.get(key) : a.at(-1)?.[1]) ?? null);
  return a.length === b.length && a.every((entry, i) => isClose(entry[1], b[i]?.[1] ?? null) && isKept(entry));
}
