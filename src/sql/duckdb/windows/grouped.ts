// Windows over grouped rows: each instant's rows are joined to it by key and time, every window is a FILTER.
// Cost: the number of (instant, row) pairs of a key within the widest window. One instant for all keys needs no join.
import { PlumbError } from '../../../../schemas/errors.ts';
import type { PlannedAggregate, Window, WindowsNode } from '../../../plan/nodes.ts';
import { aggregateColumns, failureColumn } from '../../feature-columns.ts';
import { windowEndSql, windowStartSql } from '../../instants.ts';
import { ands, commas } from '../../script.ts';
import type { GroupedRows } from '../aggregates/printer.ts';
import { AGGREGATE_PRINTERS, inputOf } from '../aggregates/printers.ts';
import { orderOfValue } from '../order-keys.ts';

export interface Grouping {
  readonly groupBy: readonly string[];
  /** Yields the columns of `groupBy` and those of rows. */
  readonly from: string;
}

/** One SELECT of the groups, row_ts, v0…, i0…; `e`: the instant, in SQL: a column, or a constant. */
export function groupedSelect(node: WindowsNode, e: string, { groupBy, from }: Grouping): string {
  const columns = node.features.map((_, i) => featureColumns(node, e, i));
  const values = [...groupBy, 'row_ts', ...columns.flatMap((feature) => feature.values)];
  const raw = [...groupBy, 'max(ts) AS row_ts', ...columns.flatMap((feature) => feature.raw)];
  return `SELECT ${commas(values)}\nFROM (\nSELECT ${commas(raw)}\nFROM ${from}\nGROUP BY ${commas(groupBy)}\n)`;
}

/** Raw columns of a feature inside of the GROUP BY, and its value from them outside. */
function featureColumns(
  node: WindowsNode,
  e: string,
  i: number,
): { readonly raw: readonly string[]; readonly values: readonly string[] } {
  const feature = node.features[i] as PlannedAggregate;
  const printer = AGGREGATE_PRINTERS[feature.aggregate];
  const rows = groupedRows(node, feature, e);
  const raws = printer.grouped(rows);
  const names = raws.map((_, j) => `a${i}_${j}`);
  const failed = failureColumn(node.rows, feature);
  const value = printer.value(names, inputOf(node, feature));
  return {
    raw: [
      ...raws.map((sql, j) => `${sql} AS ${names[j]}`),
      ...(failed === null ? [] : [`${rows.inWindow(`bool_or(${failed})`)} AS g${i}`]),
    ],
    values: aggregateColumns({ rows: node.rows, feature, i }, value, names),
  };
}

function groupedRows(node: WindowsNode, feature: PlannedAggregate, e: string): GroupedRows {
  const window = requireWindow(node, feature.window);
  const [start, end] = [windowStartSql(e, window), windowEndSql(e, window)];
  const [startsTogether, endsTogether] = [
    node.windows.every((other) => windowStartSql(e, other) === e),
    node.windows.every((other) => windowEndSql(e, other) === e),
  ];
  // Rows beyond an edge that all windows share are not joined.
  const inWindow = [
    ...(start === null || startsTogether ? [] : [`ts >= ${start}`]),
    ...(endsTogether ? [] : [`ts < ${end}`]),
  ];
  const input = inputOf(node, feature);
  const filtered = (call: string, conditions: readonly string[]): string =>
    `${call} FILTER (WHERE ${ands(conditions) || 'true'})`;
  return {
    ...input,
    // Of a group, whose rows share their instant.
    end: windowEndSql(`any_value(${e})`, window),
    endsTogether,
    inWindow: (call, ...conditions) => filtered(call, [...inWindow, ...conditions]),
    inAnyWindow: (call, ...conditions) => filtered(call, conditions),
    order: () => orderOfValue(input.x, input.type, node.rows.scan.source),
  };
}

function requireWindow(node: WindowsNode, id: string): Window {
  const window = node.windows.find((candidate) => candidate.id === id);
  if (window === undefined) throw new PlumbError('INTERNAL', `window ${id} is not planned`);
  return window;
}
