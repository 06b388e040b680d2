// Windows as frames over sorted rows, for keys whose (instant, row) pairs would explode. Near-linear in rows + instants:
//
//   1. marks: every window edge of every instant of a heavy key is put among the key's rows and the whole is sorted once;
//      a running count gives each edge its rank r: how many rows of the key lie before it.
//   2. tape: the rows at positions 1…n, then one entry per instant. A window [s, e) is the frame of the rows at positions
//      r(s)+1 … r(e), given relative to the entry's own position p:
//
//        rows  1 2 3 4 5 … n | entries … p …
//                ├─────┤       frame of p: ROWS BETWEEN p-r(s)-1 PRECEDING AND p-r(e) PRECEDING
//
//      Rows themselves get an empty frame. The engine evaluates frames by segment trees and merge-sort trees (Leis et al.
//      2015, "Efficient Processing of Window Functions"; Vogelsgesang et al. 2022, "Moving Windows of Holistic
//      Aggregates"), so nothing subtracts running totals.
//   first, last: rows tied in (ts, created) all carry the least (greatest) value of the tie, so any order of them will do.
//   last_n: the n rows before r(e) by the number of the non-null value.
import type { PlannedAggregate, WindowsNode } from '../plan/nodes.ts';
import type { RowsOf } from './aggregates.ts';
import { AGGREGATE_SHAPES } from './aggregates.ts';
import type { Dialect } from './dialect.ts';
import { windowStartSql } from './instants.ts';
import { ascending } from './row-order.ts';
import type { Step } from './script.ts';
import { commas, table } from './script.ts';
import { failureColumn, finalColumns, inputType } from './windows-grouped.ts';

export function framedSteps(dialect: Dialect, node: WindowsNode, p: string): readonly Step[] {
  const listed = node.features.filter(({ aggregate }) => aggregate === 'last_n');
  return [
    heavyQueries(node, p),
    marks(node, p),
    ranked(dialect, node, p),
    frames(node, p),
    tape(node, p),
    ...listedInputs(node).map((input) => items(dialect, node, p, input)),
    ...listed.map((feature) => lists(node, p, feature)),
    framed(dialect, node, p),
  ];
}

const bounded = (node: WindowsNode): readonly { id: string }[] => node.windows.filter(({ widthMicros }) => widthMicros !== null);
const indexOf = (node: WindowsNode, feature: PlannedAggregate): number => node.features.indexOf(feature);
const listedInputs = (node: WindowsNode): readonly string[] => [
  ...new Set(node.features.filter(({ aggregate }) => aggregate === 'last_n').map(({ input }) => input as string)),
];
const tiedInputs = (node: WindowsNode, aggregate: 'first' | 'last'): readonly string[] => [
  ...new Set(node.features.filter((feature) => feature.aggregate === aggregate).map(({ input }) => input as string)),
];

function heavyQueries(node: WindowsNode, p: string): Step {
  const starts = node.windows.map((window) => ({ id: window.id, sql: windowStartSql('e', window) })).filter(({ sql }) => sql !== null);
  const items = ['qid', 'kid', 'e', ...starts.map(({ id, sql }) => `${sql} AS s_${id}`)];
  return table(`${p}_heavy_queries`, 'instants of heavy keys, with their window starts', `SELECT ${commas(items)} FROM ${p}_queries SEMI JOIN ${p}_heavy USING (kid)`);
}

function marks(node: WindowsNode, p: string): Step {
  const edges = ['e', ...bounded(node).map(({ id }) => `s_${id}`)];
  const selects = edges.map((edge) => `SELECT kid, ${edge} AS ts FROM ${p}_heavy_queries`);
  return table(`${p}_marks`, 'every window edge, once', selects.join('\nUNION\n'));
}

/** Edges sort before rows of the same instant: a row exactly at an edge lies after it. */
function ranked(dialect: Dialect, node: WindowsNode, p: string): Step {
  const tied = (aggregate: 'first' | 'last', name: string, suffix: string): string[] =>
    tiedInputs(node, aggregate).map((x) => {
      const key = dialect.orderKey(x, inputType(node.rows, x));
      return `${dialect.fromOrderKey(`${name}(${key}) FILTER (WHERE ${x} IS NOT NULL) OVER peers`, inputType(node.rows, x))} AS ${x}_${suffix}`;
    });
  const select = [
    '*',
    'CAST(sum(is_row) OVER running AS BIGINT) AS r',
    ...listedInputs(node).map((x) => `CAST(sum(CASE WHEN ${x} IS NOT NULL THEN 1 ELSE 0 END) OVER running AS BIGINT) AS c_${x}`),
    ...tied('first', 'min', 'first'),
    ...tied('last', 'max', 'last'),
  ];
  const order = `PARTITION BY kid ORDER BY ts, is_row, ${ascending('created')}`;
  return table(
    `${p}_ranked`,
    'edges among rows, each with the number of rows before it',
    `SELECT ${commas(select)}\nFROM (\nSELECT *, 1 AS is_row FROM ${p}_rows SEMI JOIN ${p}_heavy USING (kid)\nUNION ALL BY NAME\nSELECT kid, ts, 0 AS is_row FROM ${p}_marks\n)\nWINDOW running AS (${order} ROWS UNBOUNDED PRECEDING), peers AS (${order} RANGE BETWEEN CURRENT ROW AND CURRENT ROW)`,
  );
}

function frames(node: WindowsNode, p: string): Step {
  const counts = listedInputs(node);
  const items = ['qid', 'q.kid', 'h.r AS r_e', ...counts.map((x) => `h.c_${x} AS c_${x}_e`)];
  const joins = [`JOIN ${p}_ranked h ON h.kid = q.kid AND h.ts = q.e AND h.is_row = 0`];
  for (const { id, widthMicros } of node.windows) {
    if (widthMicros === null) items.push(`0 AS r_${id}`, ...counts.map((x) => `0 AS c_${x}_${id}`));
    else {
      items.push(`${id}.r AS r_${id}`, ...counts.map((x) => `${id}.c_${x} AS c_${x}_${id}`));
      joins.push(`JOIN ${p}_ranked ${id} ON ${id}.kid = q.kid AND ${id}.ts = q.s_${id} AND ${id}.is_row = 0`);
    }
  }
  return table(`${p}_frames`, 'ranks of the window edges of each instant', `SELECT ${commas(items)}\nFROM ${p}_heavy_queries q\n${joins.join('\n')}`);
}

function tape(node: WindowsNode, p: string): Step {
  const ids = node.windows.map(({ id }) => id);
  const rowItems = ['* EXCLUDE (r, is_row)', 'r AS pos', '1 AS o_e', ...ids.map((id) => `0 AS o_${id}`)];
  const entryItems = ['qid', 'kid', 'pos', 'pos - r_e AS o_e', ...ids.map((id) => `pos - r_${id} - 1 AS o_${id}`)];
  const entries = `SELECT f.*, n + row_number() OVER (PARTITION BY f.kid ORDER BY r_e) AS pos FROM ${p}_frames f JOIN (SELECT kid, max(r) AS n FROM ${p}_ranked GROUP BY kid) USING (kid)`;
  return table(
    `${p}_tape`,
    'rows by position, then instants with their frames',
    `SELECT ${commas(rowItems)} FROM ${p}_ranked WHERE is_row = 1\nUNION ALL BY NAME\nSELECT ${commas(entryItems)} FROM (${entries})`,
  );
}

function items(dialect: Dialect, node: WindowsNode, p: string, x: string): Step {
  const order = commas(['ts', ascending('created'), dialect.orderKey(x, inputType(node.rows, x))]);
  return table(
    `${p}_items_${x}`,
    'non-null values, numbered in row order',
    `SELECT kid, ${x} AS x, row_number() OVER (PARTITION BY kid ORDER BY ${order}) AS c FROM ${p}_ranked WHERE is_row = 1 AND ${x} IS NOT NULL`,
  );
}

function lists(node: WindowsNode, p: string, feature: PlannedAggregate): Step {
  const i = indexOf(node, feature);
  const x = feature.input as string;
  const from = `greatest(c_${x}_${feature.window}, c_${x}_e - ${feature.n}) + 1`;
  return table(
    `${p}_list_${i}`,
    `the last ${feature.n} values of each instant`,
    `SELECT qid, list(x ORDER BY c DESC) AS a FROM (\nSELECT qid, kid, unnest(range(${from}, c_${x}_e + 1)) AS c FROM ${p}_frames\n) JOIN ${p}_items_${x} USING (kid, c) GROUP BY qid`,
  );
}

function framed(dialect: Dialect, node: WindowsNode, p: string): Step {
  const raw: string[] = [];
  const values: string[] = [];
  const joins: string[] = [];
  node.features.forEach((feature, i) => {
    const rows = framedRows(node, feature);
    const listed = feature.aggregate === 'last_n';
    const raws = listed ? [`list_${i}.a`] : AGGREGATE_SHAPES[feature.aggregate].raw(dialect, rows, feature);
    if (listed) joins.push(`LEFT JOIN ${p}_list_${i} list_${i} USING (qid)`);
    else raw.push(...raws.map((sql, j) => `${sql} AS a${i}_${j}`));
    const failed = failureColumn(node.rows, feature);
    if (failed !== null) raw.push(`${rows.apply(`bool_or(${failed})`)} AS g${i}`);
    values.push(...finalColumns(dialect, node, feature, i, raws.length).map((sql) => (listed ? sql.replaceAll(`a${i}_0`, `list_${i}.a`) : sql)));
  });
  const windows = node.windows.map(({ id }) => `${id} AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_${id} PRECEDING AND o_e PRECEDING)`);
  const widest = widestWindow(node);
  const inner = `SELECT qid, ${commas([`max(ts) OVER ${widest} AS row_ts`, ...raw])}\nFROM ${p}_tape\nWINDOW ${windows.join(',\n  ')}`;
  return table(
    `${p}_framed`,
    'aggregates of heavy keys, each window a frame',
    `SELECT qid, row_ts, ${commas(values)}\nFROM (SELECT * FROM (\n${inner}\n) WHERE qid IS NOT NULL) s ${joins.join(' ')}\nWHERE row_ts IS NOT NULL`,
  );
}

function widestWindow(node: WindowsNode): string {
  const width = ({ widthMicros, hopMicros }: WindowsNode['windows'][number]): number =>
    widthMicros === null ? Number.POSITIVE_INFINITY : Number(widthMicros + (hopMicros ?? 0n));
  return [...node.windows].sort((a, b) => width(b) - width(a))[0]?.id ?? 'w0';
}

function framedRows(node: WindowsNode, feature: PlannedAggregate): RowsOf {
  const type = inputType(node.rows, feature.input);
  const over = (call: string, condition?: string): string =>
    `${call}${condition === undefined ? '' : ` FILTER (WHERE ${condition})`} OVER ${feature.window}`;
  return {
    x: feature.input,
    type,
    // Every input is null-safe in frames: aggregates skip nulls by themselves, and FILTER is slow there.
    apply: (call) => over(call),
    first: () => over(`first_value(${feature.input}_first IGNORE NULLS)`),
    last: () => over(`last_value(${feature.input}_last IGNORE NULLS)`),
    lastN: () => '',
  };
}
