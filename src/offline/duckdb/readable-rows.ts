// Rows that a plan gives, as they are read from the engine one by one.
import type { DataType, Value } from '../../../schemas/types.ts';
import { FAILED } from '../../aggregate/partial.ts';
import type { RowsNode } from '../../plan/nodes.ts';
import { readable } from '../../sql/duckdb/readable.ts';
import { failureFlag, keyNames, whereFlag } from '../../sql/rows.ts';

export interface ReadRow {
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
  readonly keys: readonly Value[];
  /** The view's `where` failed on it: its cells are null. */
  readonly failed: boolean;
  /** One for each input of the plan. */
  readonly cells: readonly (Value | typeof FAILED)[];
  /** The columns that were asked for besides. */
  readonly also: readonly Value[];
}

export interface ReadableRows {
  /** Of a SELECT over `rowsSelect`. */
  readonly items: string;
  readonly types: readonly DataType[];
  read(row: readonly Value[]): ReadRow;
}

/** `also`: integer columns of the scan. */
export function readableRows(plan: RowsNode, also: readonly string[]): ReadableRows {
  const items: string[] = [];
  const types: DataType[] = [];
  const add = (sql: string, type: DataType): number => {
    items.push(readable(sql, type));
    return types.push(type) - 1;
  };
  const flag = (sql: string | null): number | null => (sql === null ? null : add(sql, 'bool'));
  const [event, created] = [add('ts', 'int64'), add('created', 'int64')];
  const others = also.map((name) => add(name, 'int64'));
  const keys = keyNames(plan).map((name, i) => add(name, plan.keys[i]?.type ?? 'bool'));
  const failed = flag(whereFlag(plan));
  const cells = plan.inputs.map((input) => ({
    value: add(input.id, input.expression.type),
    failed: flag(failureFlag(plan, input)),
  }));
  const at = (row: readonly Value[], place: number): Value => row[place] ?? null;
  return {
    items: items.join(', '),
    types,
    read: (row) => {
      const hasFailed = failed !== null && row[failed] === true;
      return {
        eventMicros: row[event] as bigint,
        createdMicros: at(row, created) as bigint | null,
        keys: keys.map((key) => at(row, key)),
        failed: hasFailed,
        cells: cells.map((cell) => {
          if (hasFailed) return null;
          return cell.failed !== null && row[cell.failed] === true ? FAILED : at(row, cell.value);
        }),
        also: others.map((other) => at(row, other)),
      };
    },
  };
}
