// The columns of a source that a view's rows are computed from.
import type { ExpressionNode } from '../catalog/expression.ts';
import type { RowsNode } from './nodes.ts';

export function usedColumns(rows: RowsNode): ReadonlySet<string> {
  const { timestampColumn, createdTimestampColumn } = rows.scan.source;
  const trees = [...rows.inputs.map(({ expression }) => expression.tree), ...(rows.where ? [rows.where.tree] : [])];
  return new Set([
    ...rows.keys.map(({ column }) => column),
    timestampColumn,
    ...(createdTimestampColumn === null ? [] : [createdTimestampColumn]),
    ...trees.flatMap(columnsIn),
  ]);
}

function columnsIn(node: ExpressionNode): readonly string[] {
  return node.kind === 'column' ? [node.name] : childrenOf(node).flatMap(columnsIn);
}

function childrenOf(node: ExpressionNode): readonly ExpressionNode[] {
  if (node.kind === 'call') return node.args;
  if (node.kind === 'cast') return [node.arg];
  if (node.kind === 'in') return [node.arg, ...node.list];
  if (node.kind !== 'case') return [];
  const otherwise = node.otherwise === null ? [] : [node.otherwise];
  return [...node.branches.flatMap(({ when, value }) => [when, value]), ...otherwise];
}
