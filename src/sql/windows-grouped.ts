// Windows over grouped rows: each instant's rows are joined to it by key and time, every window is a FILTER.
// Cost: the number of (instant, row) pairs of a key within the widest window. One instant for all keys needs no join.
import { PlumbError } from '../../schemas/errors.ts';
import type { DataType } from '../../schemas/types.ts';
import type { PlannedAggregate, RowsNode, Window, WindowsNode } from '../plan/nodes.ts';
import type { RowsOf } from './aggregates.ts';
import { AGGREGATE_SHAPES, overflows } from './aggregates.ts';
import type { Dialect } from './dialect.ts';
import { windowStartSql } from './instants.ts';
import { orderOfValue } from './row-order.ts';
import { failureFlag, whereFlag } from './rows.ts';
import { commas } from './script.ts';

export interface Grouping {
  readonly dialect: Dialect;
  readonly node: WindowsNode;
  /** The instant, in SQL: a column, or a constant. */
  readonly e: string;
}

export const inputType = (rows: RowsNode, id: string | null): DataType =>
  rows.inputs.find((input) => input.id === id)?.expression.type ?? 'int64';

export function requireWindow(node: WindowsNode, id: string): Window {
  const window = node.windows.find((candidate) => candidate.id === id);
  if (window === undefined) throw new PlumbError('INTERNAL', `window ${id} is not planned`);
  return window;
}

/** Raw columns of every feature, `v<i>` / `i<i>` from them, inside and outside of the GROUP BY. */
export function groupedColumns(grouping: Grouping): {
  readonly raw: readonly string[];
  readonly values: readonly string[];
} {
  const perFeature = grouping.node.features.map((feature, i) => featureColumns(grouping, feature, i));
  return { raw: perFeature.flatMap(({ raw }) => raw), values: perFeature.flatMap(({ values }) => values) };
}

function featureColumns(
  { dialect, node, e }: Grouping,
  feature: PlannedAggregate,
  i: number,
): { raw: string[]; values: string[] } {
  const start = windowStartSql(e, requireWindow(node, feature.window));
  const inWindow = start === null ? [] : [`ts >= ${start}`];
  const rows = groupedRows(dialect, node, feature, inWindow);
  const raws = AGGREGATE_SHAPES[feature.aggregate].raw(dialect, rows, feature);
  const failed = failureColumn(node.rows, feature);
  return {
    raw: [
      ...raws.map((sql, j) => `${sql} AS a${i}_${j}`),
      ...(failed === null ? [] : [`${rows.apply(`bool_or(${failed})`)} AS g${i}`]),
    ],
    values: finalColumns(dialect, node, feature, i, raws.length),
  };
}

/** `v<i>`: the value, null where INVALID; `i<i>`: whether it is, for features that can be. */
export function finalColumns(
  dialect: Dialect,
  node: WindowsNode,
  feature: PlannedAggregate,
  i: number,
  rawCount: number,
): string[] {
  const raw = Array.from({ length: rawCount }, (_, j) => `a${i}_${j}`);
  const value = AGGREGATE_SHAPES[feature.aggregate].value(dialect, raw, feature, inputType(node.rows, feature.input));
  const failed = failureColumn(node.rows, feature) === null ? null : `coalesce(g${i}, false)`;
  const overflow = overflows(feature, raw);
  const invalid = [failed, overflow === null ? null : `coalesce(${overflow}, false)`].filter((sql) => sql !== null);
  if (invalid.length === 0) return [`${value} AS v${i}`];
  return [`CASE WHEN NOT (${invalid.join(' OR ')}) THEN ${value} END AS v${i}`, `(${invalid.join(' OR ')}) AS i${i}`];
}

export function failureColumn(rows: RowsNode, feature: PlannedAggregate): string | null {
  const input = rows.inputs.find(({ id }) => id === feature.input);
  return input === undefined ? whereFlag(rows) : failureFlag(rows, input);
}

function groupedRows(
  dialect: Dialect,
  node: WindowsNode,
  feature: PlannedAggregate,
  inWindow: readonly string[],
): RowsOf {
  const type = inputType(node.rows, feature.input);
  const filter = (...more: readonly string[]): string => [...inWindow, ...more].join(' AND ') || 'true';
  const x = feature.input ?? '';
  const order = (): string => orderOfValue(dialect, x, type, node.rows.scan.source.createdTimestampColumn !== null);
  return {
    x: feature.input,
    type,
    apply: (call, condition) => `${call} FILTER (WHERE ${condition === undefined ? filter() : filter(condition)})`,
    first: () => dialect.argMin(x, order(), filter(`${x} IS NOT NULL`)),
    // Windows end together, so the last value of the widest one is the last of each that has any.
    last: () => [dialect.argMax(x, order(), `${x} IS NOT NULL`), `count(${x}) FILTER (WHERE ${filter()})`],
    lastN: (n) => dialect.argMaxN(x, order(), n, filter(`${x} IS NOT NULL`)),
  };
}

/** One SELECT for instants that are joined to their rows: `from` yields qid, e and the rows' columns. */
export function groupedSelect(grouping: Grouping, groupBy: readonly string[], from: string): string {
  const { raw, values } = groupedColumns(grouping);
  return `SELECT ${commas([...groupBy, 'row_ts', ...values])}\nFROM (\nSELECT ${commas([...groupBy, 'max(ts) AS row_ts', ...raw])}\nFROM ${from}\nGROUP BY ${commas(groupBy)}\n)`;
}
