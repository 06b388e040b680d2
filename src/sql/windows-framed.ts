// Windows as ranges of sorted rows, for keys whose (instant, row) pairs would explode. Near-linear in rows + instants:
//
//   1. ranked: every window edge of every instant of a heavy key is put among the key's rows and the whole is sorted once.
//      A running count gives each edge r: how many rows lie before it. Counts of rows are differences of these. Where
//      first, last or last_n ask for it, c counts the values that are not null: their rows have a known number.
//   2. tape, for everything else: the rows at positions 1…n, then one entry per instant and window. A window [s, e) is the frame of the rows at positions r(s)+1 … r(e),
//      given relative to the entry's own position p:
//
//        rows  1 2 3 4 5 … n | entries … p …
//                ├─────┤       frame of p: ROWS BETWEEN p-r(s)-1 PRECEDING AND p-r(e) PRECEDING
//
//      Rows themselves get an empty frame. The engine evaluates frames by segment trees and merge-sort trees (Leis et al.
//      2015, "Efficient Processing of Window Functions in Analytical SQL Queries"; Vogelsgesang et al. 2022, "Efficient
//      Evaluation of Arbitrarily-Framed Holistic SQL Aggregates and Window Functions"), built once for all windows.
//   Rows tied in (ts, created) all carry the least (greatest) value of the tie, so any order of them will do for first
//   and last; last_n numbers the values themselves.
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
  const taped = tapedColumns(dialect, node);
  return [
    heavyQueries(node, p),
    marks(node, p),
    ranked(dialect, node, p),
    frames(node, p),
    ...(taped.size === 0 ? [] : [tape(node, p), tapeValues(node, p, taped)]),
    ...inputsOf(node, ['last_n']).map((x) => items(dialect, node, p, x)),
    ...node.features.filter(({ aggregate }) => aggregate === 'last_n').map((feature) => lists(node, p, feature)),
    framed(dialect, node, p, taped),
  ];
}

/** The inputs of features with one of these aggregates, each once. */
const inputsOf = (node: WindowsNode, aggregates: readonly PlannedAggregate['aggregate'][]): readonly string[] => [
  ...new Set(
    node.features.flatMap(({ aggregate, input }) => (input !== null && aggregates.includes(aggregate) ? [input] : [])),
  ),
];
const numberedInputs = (node: WindowsNode): readonly string[] => inputsOf(node, ['first', 'last', 'last_n']);
const failureColumns = (node: WindowsNode): readonly string[] => [
  ...new Set(node.features.map((feature) => failureColumn(node.rows, feature)).filter((flag) => flag !== null)),
];

/** Running totals at an edge: `r` rows, `c_<x>` non-null values. */
const totals = (node: WindowsNode): readonly string[] => ['r', ...numberedInputs(node).map((x) => `c_${x}`)];

function heavyQueries(node: WindowsNode, p: string): Step {
  const starts = node.windows.flatMap((window) => {
    const start = windowStartSql('e', window);
    return start === null ? [] : [`${start} AS s_${window.id}`];
  });
  return table(
    `${p}_heavy_queries`,
    'instants of heavy keys, with their window starts',
    `SELECT ${commas(['qid', 'kid', 'e', ...starts])} FROM ${p}_queries SEMI JOIN ${p}_heavy USING (kid)`,
  );
}

function marks(node: WindowsNode, p: string): Step {
  const edges = ['e', ...node.windows.filter(({ widthMicros }) => widthMicros !== null).map(({ id }) => `s_${id}`)];
  const selects = edges.map((edge) => `SELECT kid, ${edge} AS ts FROM ${p}_heavy_queries`);
  return table(`${p}_marks`, 'every window edge, once', selects.join('\nUNION\n'));
}

/** Edges sort before rows of the same instant: a row exactly at an edge lies after it. */
function ranked(dialect: Dialect, node: WindowsNode, p: string): Step {
  // Sums of doubles run several times as fast as counts and sums of integers; exact up to 2^53 rows.
  const count = (condition: string, name: string): string =>
    `CAST(coalesce(sum(CASE WHEN ${condition} THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS ${name}`;
  const ofTie = (aggregate: 'first' | 'last', extreme: string): string[] =>
    inputsOf(node, [aggregate]).map((x) => {
      const type = inputType(node.rows, x);
      const key = `${extreme}(${dialect.orderKey(x, type)}) FILTER (WHERE ${x} IS NOT NULL) OVER tied`;
      return `${dialect.fromOrderKey(key, type)} AS ${x}_${aggregate}`;
    });
  const columns = [
    '*',
    count('is_row = 1', 'r'),
    ...numberedInputs(node).map((x) => count(`${x} IS NOT NULL`, `c_${x}`)),
    ...ofTie('first', 'min'),
    ...ofTie('last', 'max'),
  ];
  const created = node.rows.scan.source.createdTimestampColumn === null ? '' : `, ${ascending('created')}`;
  const order = `PARTITION BY kid ORDER BY ts, is_row${created}`;
  return table(
    `${p}_ranked`,
    'edges among rows, each with the running totals before it',
    `SELECT ${commas(columns)}\nFROM (\nSELECT *, 1 AS is_row FROM ${p}_rows SEMI JOIN ${p}_heavy USING (kid)\nUNION ALL BY NAME\nSELECT kid, ts, 0 AS is_row FROM ${p}_marks\n)\nWINDOW running AS (${order} ROWS UNBOUNDED PRECEDING), tied AS (${order} RANGE BETWEEN CURRENT ROW AND CURRENT ROW)`,
  );
}

/** `<total>_e` at the instant and `<total>_<window>` at the window's start. */
function frames(node: WindowsNode, p: string): Step {
  const names = totals(node);
  const columns = ['qid', 'q.kid', ...names.map((name) => `e.${name} AS ${name}_e`)];
  const joins = [`JOIN ${p}_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0`];
  for (const { id, widthMicros } of node.windows) {
    columns.push(...names.map((name) => `${widthMicros === null ? '0' : `${id}.${name}`} AS ${name}_${id}`));
    if (widthMicros !== null)
      joins.push(`JOIN ${p}_ranked ${id} ON ${id}.kid = q.kid AND ${id}.ts = q.s_${id} AND ${id}.is_row = 0`);
  }
  return table(
    `${p}_frames`,
    'totals at the window edges of each instant',
    `SELECT ${commas(columns)}\nFROM ${p}_heavy_queries q\n${joins.join('\n')}`,
  );
}

/** Rows are counted by their ranks, and numbered values found by their numbers; but a failed one must be looked for. */
const isTaped = (node: WindowsNode, feature: PlannedAggregate): boolean =>
  failureColumn(node.rows, feature) !== null || hasTapedValue(feature);

const hasTapedValue = ({ aggregate, input }: PlannedAggregate): boolean =>
  aggregate === 'count' ? input !== null : !['first', 'last', 'last_n'].includes(aggregate);

/** What a value needs of the tape, as SQL over the frame; a mean is its sum over its count. */
function tapedRaw(dialect: Dialect, node: WindowsNode, feature: PlannedAggregate): readonly string[] {
  const { aggregate } = feature;
  const type = inputType(node.rows, feature.input);
  const x = String(feature.input);
  if (!hasTapedValue(feature)) return [];
  if (aggregate === 'min' || aggregate === 'max') return [dialect.framedExtreme(aggregate, dialect.orderKey(x, type))];
  // No condition: aggregates skip nulls by themselves, and FILTER is slow in frames.
  const over: RowsOf = {
    x: feature.input,
    type,
    apply: (call) => `${call} OVER frame`,
    first: () => '',
    last: () => ['', ''],
    lastN: () => '',
  };
  if (aggregate !== 'mean') return AGGREGATE_SHAPES[aggregate].raw(dialect, over, feature);
  return (['sum', 'count'] as const).flatMap((part) => AGGREGATE_SHAPES[part].raw(dialect, over, feature));
}

const failuresSql = (flag: string): string => `count(CASE WHEN ${flag} THEN 1 END) OVER frame`;

/** SQL over the frame → its column on the tape, each once for all windows. */
function tapedColumns(dialect: Dialect, node: WindowsNode): ReadonlyMap<string, string> {
  const all = node.features.flatMap((feature) => tapedRaw(dialect, node, feature));
  return new Map([...new Set([...all, ...failureColumns(node).map(failuresSql)])].map((sql, i) => [sql, `b${i}`]));
}

const tapedWindows = (node: WindowsNode): readonly string[] => [
  ...new Set(node.features.filter((feature) => isTaped(node, feature)).map(({ window }) => window)),
];

function tape(node: WindowsNode, p: string): Step {
  const values = node.features.filter(hasTapedValue).map(({ input }) => String(input));
  const inputs = [...new Set([...values, ...failureColumns(node)])];
  const entries = tapedWindows(node).map(
    (id) => `SELECT qid, '${id}' AS w, kid, r_${id} AS r_s, r_e FROM ${p}_frames WHERE r_${id} < r_e`,
  );
  const placed = `SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (\n${entries.join('\nUNION ALL\n')}\n) JOIN (SELECT kid, max(r) AS n FROM ${p}_ranked GROUP BY kid) USING (kid)`;
  return table(
    `${p}_tape`,
    'rows by position, then an entry for each instant and window with its frame',
    `SELECT ${commas(['kid', 'r AS pos', '0 AS o_s', '1 AS o_e', ...inputs])} FROM ${p}_ranked WHERE is_row = 1\nUNION ALL BY NAME\nSELECT qid, w, kid, pos, pos - r_s - 1 AS o_s, pos - r_e AS o_e FROM (${placed})`,
  );
}

function tapeValues(node: WindowsNode, p: string, taped: ReadonlyMap<string, string>): Step {
  const columns = [...taped].map(([sql, name]) => `${sql} AS ${name}`);
  return table(
    `${p}_tape_values`,
    `aggregates over the frames of ${tapedWindows(node).length} windows`,
    `SELECT * FROM (\nSELECT ${commas(['qid', 'w', ...columns])}\nFROM ${p}_tape\nWINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)\n) WHERE qid IS NOT NULL`,
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
  const x = feature.input as string;
  const from = `greatest(c_${x}_${feature.window}, c_${x}_e - ${feature.n}) + 1`;
  return table(
    `${p}_list_${node.features.indexOf(feature)}`,
    `the last ${feature.n} values of each instant`,
    `SELECT qid, list(x ORDER BY c DESC) AS a FROM (\nSELECT qid, kid, unnest(range(${from}, c_${x}_e + 1)) AS c FROM ${p}_frames\n) JOIN ${p}_items_${x} USING (kid, c) GROUP BY qid`,
  );
}

/** Raw columns of a feature over `f` (frames) and what is joined to it. */
function rawOf(
  dialect: Dialect,
  node: WindowsNode,
  feature: PlannedAggregate,
  i: number,
  taped: ReadonlyMap<string, string>,
): readonly string[] {
  const { aggregate, input: x, window: w } = feature;
  const onTape = tapedRaw(dialect, node, feature).map((sql) => `${w}.${taped.get(sql)}`);
  const counted = onTape.map((sql) => `coalesce(${sql}, 0)`);
  if (aggregate === 'count') return x === null ? [`f.r_e - f.r_${w}`] : counted;
  if (aggregate === 'count_distinct') return counted;
  if (aggregate === 'mean') return [`CAST(${onTape[0]} AS DOUBLE) / nullif(${onTape[1]}, 0)`];
  if (aggregate === 'first') return [`first_${i}.${x}_first`];
  if (aggregate === 'last') return [`last_${x}.${x}_last`, `f.c_${x}_e - f.c_${x}_${w}`];
  if (aggregate === 'last_n') return [`list_${i}.a`];
  return onTape;
}

/** The row whose non-null value has the number that a window's first, or an instant's last, value must have. */
function joinsOf(node: WindowsNode, p: string): readonly string[] {
  const row = (alias: string, x: string, number: string): string =>
    `LEFT JOIN ${p}_ranked ${alias} ON ${alias}.kid = f.kid AND ${alias}.c_${x} = ${number} AND ${alias}.is_row = 1 AND ${alias}.${x} IS NOT NULL`;
  return [
    ...tapedWindows(node).map((id) => `LEFT JOIN ${p}_tape_values ${id} ON ${id}.qid = f.qid AND ${id}.w = '${id}'`),
    ...inputsOf(node, ['last']).map((x) => row(`last_${x}`, x, `f.c_${x}_e`)),
    ...node.features.flatMap(({ aggregate, input, window }, i) =>
      aggregate === 'first'
        ? [
            `${row(`first_${i}`, input as string, `f.c_${input}_${window} + 1`)} AND f.c_${input}_e > f.c_${input}_${window}`,
          ]
        : [],
    ),
    ...node.features.flatMap(({ aggregate }, i) =>
      aggregate === 'last_n' ? [`LEFT JOIN ${p}_list_${i} list_${i} ON list_${i}.qid = f.qid`] : [],
    ),
  ];
}

function framed(dialect: Dialect, node: WindowsNode, p: string, taped: ReadonlyMap<string, string>): Step {
  const raw: string[] = [];
  const values: string[] = [];
  node.features.forEach((feature, i) => {
    const columns = rawOf(dialect, node, feature, i, taped);
    raw.push(...columns.map((sql, j) => `${sql} AS a${i}_${j}`));
    const failed = failureColumn(node.rows, feature);
    if (failed !== null) raw.push(`${feature.window}.${taped.get(failuresSql(failed))} > 0 AS g${i}`);
    values.push(...finalColumns(dialect, node, feature, i, columns.length));
  });
  return table(
    `${p}_framed`,
    'aggregates of heavy keys',
    `SELECT ${commas(['qid', ...values])}\nFROM (\nSELECT ${commas(['f.qid', ...raw])}\nFROM ${p}_frames f\n${joinsOf(node, p).join('\n')}\n)`,
  );
}
