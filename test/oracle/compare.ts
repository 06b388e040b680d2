// Compares what an engine or a server said with what the oracle expects. Undefined means equal.
import type { Status } from './answers.ts';
import { sameMap } from './maps.ts';
import type { Online, Training } from './naive-evaluator.ts';
import {
  compareValues,
  elementType,
  isFloat,
  mapValueType,
  readValue,
  sameValue,
  structFields,
  type Value,
  writeValue,
} from './values.ts';

export interface GotTraining {
  readonly columns: readonly string[]; // the service's features only
  readonly rows: readonly (readonly unknown[])[]; // in memory values or JSON, see readValue
}
export interface GotOnline extends GotTraining {
  readonly statuses: readonly (readonly string[])[];
}

export function compareTraining(want: Training, got: GotTraining): string | undefined {
  if (want.error !== undefined) return `expected a failure (${want.error}), got ${got.rows.length} rows`;
  return compareShape(want, got) ?? firstMismatch(want, (row, i) => compareCell(want, row, i, got.rows[row]?.[i]));
}

export function compareOnline(want: Online, got: GotOnline): string | undefined {
  const cell = (row: number, i: number): string | undefined => {
    const [value, status] = [got.rows[row]?.[i], got.statuses[row]?.[i]];
    const mismatch = compareCell(want, row, i, value) ?? compareStatus(want, row, i, status);
    if (mismatch === undefined) return undefined;
    const type = want.types[i] ?? '';
    const accepted = want.alternatives[row]?.[i]?.some(
      (other) => other.status === status && equal(type, other.value, value, 0),
    );
    return accepted ? undefined : mismatch;
  };
  return compareShape(want, got) ?? firstMismatch(want, cell);
}

function compareShape(want: Training | Online, got: GotTraining): string | undefined {
  if (want.columns.join() !== got.columns.join()) return `columns ${got.columns}, expected ${want.columns}`;
  if (want.rows.length !== got.rows.length) return `${got.rows.length} rows, expected ${want.rows.length}`;
  return undefined;
}

function firstMismatch(want: Training | Online, cell: (row: number, i: number) => string | undefined) {
  for (let row = 0; row < want.rows.length; row++) {
    for (let i = 0; i < want.columns.length; i++) {
      const mismatch = cell(row, i);
      if (mismatch !== undefined) return `row ${row}, ${want.columns[i]}: ${mismatch}`;
    }
  }
  return undefined;
}

function compareCell(want: Training | Online, row: number, i: number, got: unknown): string | undefined {
  const [type, value, tolerance] = [want.types[i] ?? '', want.rows[row]?.[i] ?? null, want.tolerances[row]?.[i] ?? 0];
  if (equal(type, value, got, tolerance)) return undefined;
  const allowed = tolerance > 0 ? ` within ${tolerance}` : '';
  return `got ${show(got)}, expected ${JSON.stringify(writeValue(type, value))}${allowed}`;
}

/** Where anything goes, null and not null do. */
function compareStatus(want: Online, row: number, i: number, got: string | undefined): string | undefined {
  const status = want.statuses[row]?.[i];
  const either: (string | undefined)[] = ['NULL_VALUE', 'PRESENT'] satisfies Status[];
  const open = want.tolerances[row]?.[i] === Infinity && either.includes(status) && either.includes(got);
  return status === got || open ? undefined : `got status ${got}, expected ${status}`;
}

/** A null stays null; a tolerance is for numbers; -0 and values of another type are never equal. */
export function equal(type: string, want: Value, got: unknown, tolerance: number): boolean {
  if (tolerance === Infinity) return got === null || got === undefined || typeof got === 'number' || isMap(type, got);
  let value: Value;
  try {
    value = readValue(type, got);
  } catch {
    return false;
  }
  if (mapValueType(type) !== undefined && !readAway(type, got))
    return sameMap(...inOneOrder(want, value, got), tolerance);
  if (tolerance > 0 && typeof want === 'number' && typeof value === 'number')
    return Math.abs(want - value) <= tolerance;
  return !readAway(type, got) && sameValue(want, value);
}

const isMap = (type: string, got: unknown): boolean => mapValueType(type) !== undefined && typeof got === 'object';

/** An object has keys that look like integers first: the order of its keys says nothing. */
function inOneOrder(want: Value, value: Value, got: unknown): readonly [Value, Value] {
  if (Array.isArray(got) || want === null || value === null) return [want, value];
  const sorted = (map: Value): Value => (map as readonly Value[]).toSorted(compareValues);
  return [sorted(want), sorted(value)];
}

/** Did reading repair a number (-0, NaN, infinity) that should never have come out? */
function readAway(type: string, got: unknown): boolean {
  const element = elementType(type);
  if (element !== undefined && Array.isArray(got)) return got.some((item) => readAway(element, item));
  const [valueType, fields] = [mapValueType(type), structFields(type)];
  if (valueType !== undefined && typeof got === 'object' && got !== null)
    return readValuesOf(got).some((item) => readAway(valueType, item));
  if (fields !== undefined && typeof got === 'object' && got !== null)
    return fields.some(([name, of], i) => readAway(of, Array.isArray(got) ? got[i] : Reflect.get(got, name)));
  return isFloat(type) && typeof got === 'number' && (Object.is(got, -0) || !Number.isFinite(got));
}

const readValuesOf = (map: object): readonly unknown[] =>
  Array.isArray(map) ? map.map((entry: readonly unknown[]) => entry[1]) : Object.values(map);

const show = (got: unknown): string =>
  JSON.stringify(got, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)) ?? 'nothing';
