// RowsNode → SELECT of k0…, ts, created, x0…, f0… (x failed on this row): rows that count, with null times removed.
import type { DataType } from '../../schemas/types.ts';
import type { Input, KeyColumn, RowsNode } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';
import { withoutErased } from './erased-rows.ts';
import { ands, commas } from './script.ts';

/** A scan of a source: a FROM item, and how its columns are called there. */
export interface ScanSql {
  /** Yields the source's columns, normalised, plus `ts` and `created` in microseconds. */
  readonly from: string;
  readonly column: (name: string) => string;
  readonly hasCreated: boolean;
}

/** The type of an input; int64 where nothing but rows is counted. */
export const inputType = (rows: RowsNode, id: string | null): DataType =>
  rows.inputs.find((input) => input.id === id)?.expression.type ?? 'int64';

export const keyNames = (rows: RowsNode): readonly string[] => rows.keys.map((_, i) => `k${i}`);

/** Inputs whose evaluation can fail carry a flag; `where` failing on a row fails each of them. */
export const failureFlag = (rows: RowsNode, input: Input): string | null =>
  input.expression.canFail || rows.where?.canFail === true ? `f${input.id.slice(1)}` : null;

/** The flag of rows on which `where` itself failed: they poison counts of rows, too. */
export const whereFlag = (rows: RowsNode): string | null => (rows.where?.canFail === true ? 'fw' : null);

/** `also`: more items, over what the scan yields. Where keys were erased, their tables must be there (erased-rows.ts). */
export function rowsSelect(
  dialect: Dialect,
  rows: RowsNode,
  scan: ScanSql,
  { also = [] }: { readonly also?: readonly string[] } = {},
): string {
  const where = rows.where === null ? null : dialect.fallible(rows.where, scan.column);
  const items = [
    ...rows.keys.map((key, i) => `${keySql(dialect, scan, key)} AS k${i}`),
    'ts',
    `${scan.hasCreated ? 'created' : 'CAST(NULL AS BIGINT)'} AS created`,
    ...rows.inputs.flatMap((input) => inputItems(dialect, rows, input, scan, where?.failed ?? null)),
    ...(where?.failed == null ? [] : [`${where.failed} AS fw`]),
    ...also,
  ];
  const erased = withoutErased(dialect, rows, scan.column);
  const conditions = [
    'ts IS NOT NULL',
    ...rows.keys.flatMap(({ column }) => (column === null ? [] : [`${scan.column(column)} IS NOT NULL`])),
    ...(rows.createdVisibility ? ['created IS NOT NULL'] : []),
    ...erased.conditions,
    ...(where === null ? [] : [where.failed === null ? `(${where.value})` : `((${where.value}) OR ${where.failed})`]),
  ];
  return `SELECT ${commas(items)}\nFROM ${scan.from}${erased.joins}\nWHERE ${ands(conditions)}`;
}

const keySql = (dialect: Dialect, scan: ScanSql, { column, type }: KeyColumn): string =>
  column === null ? dialect.literal(true, type) : dialect.cast(scan.column(column), type);

function inputItems(
  dialect: Dialect,
  rows: RowsNode,
  input: Input,
  scan: ScanSql,
  whereFailed: string | null,
): string[] {
  const flag = failureFlag(rows, input);
  const { value, failed } = dialect.fallible(input.expression, scan.column);
  const flagSql = [failed, whereFailed].filter((sql) => sql !== null).join(' OR ');
  return [`${value} AS ${input.id}`, ...(flag === null ? [] : [`(${flagSql}) AS ${flag}`])];
}
