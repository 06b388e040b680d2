// Whether a served value is the one that training has.
import { type DataType, elementType, isNumericType, type Value } from '../../schemas/types.ts';
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
  const isSame = isClose || isUncertain || sameValue(type, expected.value, served.value);
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
  const element = elementType(type);
  if (element !== null) return sameItems(element, a as readonly Value[], b as readonly Value[]);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return type === 'float32' ? Math.fround(a as number) === Math.fround(b as number) : a === b;
}

const sameItems = (type: DataType, a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((item, i) => sameValue(type, item, b[i] ?? null));
