// Stored rows → the answer's matrices of values, statuses and event times.
import type { Status, Value } from '../../../schemas/types.ts';
import type { PackedRow } from '../row-codec.ts';
import type { BoundColumns, BoundKeySpace, BoundRequest } from './bound-request.ts';
import type { CollectedKeys } from './collect-keys.ts';
import type { StoredRows } from './read-consistently.ts';
import { type RowStatus, rowStatus } from './row-status.ts';

export interface LookupMatrix {
  readonly rows: Value[][];
  readonly statuses: Status[][];
  readonly eventTimes: (bigint | null)[][];
}

/** Every key space fills its columns of every row. */
export function fillColumns(
  matrix: LookupMatrix,
  { keySpaces }: BoundRequest,
  keys: readonly CollectedKeys[],
  stored: StoredRows,
  atMicros: bigint,
): void {
  for (const [index, space] of keySpaces.entries()) {
    const rows = judgeRows(space, stored[index] ?? [], atMicros);
    const absent = space.views.map(({ generation }) => ({ row: null, status: rowStatus(generation, null, atMicros) }));
    const { indexes } = keys[index] as CollectedKeys;
    for (const [roleIndex, role] of space.roles.entries()) {
      fillRole(matrix, role, indexes[roleIndex] as Int32Array, rows, absent);
    }
  }
}

export function emptyMatrix(rowCount: number, columnCount: number): LookupMatrix {
  const table = <T>(value: T): T[][] => Array.from({ length: rowCount }, () => new Array<T>(columnCount).fill(value));
  return { rows: table<Value>(null), statuses: table<Status>('NOT_FOUND'), eventTimes: table<bigint | null>(null) };
}

interface JudgedRow {
  /** null: none is stored. */
  readonly row: PackedRow | null;
  readonly status: RowStatus;
}

/** `[k][v]`: each distinct key once, however many entities and roles share it. */
const judgeRows = ({ views }: BoundKeySpace, stored: StoredRows[number], atMicros: bigint): JudgedRow[][] =>
  stored.map((rows) =>
    views.map(({ codec, generation }, view): JudgedRow => {
      const bytes = rows[view] ?? null;
      const row = bytes === null ? null : codec.decode(bytes);
      return { row, status: rowStatus(generation, row, atMicros) };
    }),
  );

function fillRole(
  matrix: LookupMatrix,
  role: readonly BoundColumns[],
  indexes: Int32Array,
  rows: readonly (readonly JudgedRow[])[],
  absent: readonly JudgedRow[],
): void {
  for (const [entity, key] of indexes.entries()) {
    const judged = key < 0 ? absent : (rows[key] as readonly JudgedRow[]);
    for (const columns of role) fillRow(matrix, entity, columns, judged[columns.viewIndex] as JudgedRow);
  }
}

function fillRow(matrix: LookupMatrix, entity: number, columns: BoundColumns, { row, status }: JudgedRow): void {
  const values = matrix.rows[entity] as Value[];
  const statuses = matrix.statuses[entity] as Status[];
  const eventTimes = matrix.eventTimes[entity] as (bigint | null)[];
  const { outputs, positions, defaults, emptyValues } = columns;
  const eventMicros = status === 'TOO_EARLY' ? null : (row?.eventMicros ?? null);
  for (let column = 0; column < outputs.length; column += 1) {
    const output = outputs[column] as number;
    const position = positions[column] as number;
    const value = row?.values[position] ?? null;
    eventTimes[output] = eventMicros;
    const valueStatus = status ?? statusOf(value, row?.invalid?.[position] === true);
    statuses[output] = valueStatus;
    values[output] = served(valueStatus, value, defaults[column] ?? null, emptyValues[column] ?? null);
  }
}

const statusOf = (value: Value, isInvalid: boolean): Status =>
  isInvalid ? 'INVALID' : value === null ? 'NULL_VALUE' : 'PRESENT';

/** A default replaces null, except where the value is not known: INVALID, TOO_EARLY. */
function served(status: Status, value: Value, defaultValue: Value, emptyValue: Value): Value {
  if (status === 'PRESENT') return value;
  if (status === 'NOT_FOUND') return emptyValue;
  return status === 'NULL_VALUE' || status === 'OUTSIDE_MAX_AGE' ? defaultValue : null;
}
