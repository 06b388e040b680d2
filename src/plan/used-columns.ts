// The columns of a source that a view's rows are computed from. The append time of a stream is none of them.
import { columnsIn } from '../catalog/expression-columns.ts';
import type { RowsNode } from './nodes.ts';

export function usedColumns(rows: RowsNode): ReadonlySet<string> {
  const { timestampColumn, createdTimestampColumn: created, columns } = rows.scan.source;
  const trees = [...rows.inputs.map(({ expression }) => expression.tree), ...(rows.where ? [rows.where.tree] : [])];
  return new Set([
    ...rows.keys.flatMap(({ column }) => column ?? []),
    timestampColumn,
    ...(created === null || !columns.has(created) ? [] : [created]),
    ...trees.flatMap(columnsIn),
  ]);
}
