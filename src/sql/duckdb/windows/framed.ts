// Windows as ranges of sorted rows, for keys whose (instant, row) pairs would explode. Near-linear in rows + instants:
//
//   1. ranked: every window edge of every instant of a heavy key is put among the key's rows and the whole is sorted once.
//      A running count gives each edge r: how many rows lie before it. Counts of rows are differences of these. Where an
//      aggregate asks for it (first, last, last_n), c counts the values that are not null: their rows have a known number.
//   2. tape (tape.ts), for everything else: aggregates over the rows between two ranks.
//
// Rows tied in (ts, created) all carry the least (greatest) value of the tie, so any order of them will do for first and
// last; last_n numbers the values themselves.
import type { PlannedAggregate, WindowsNode } from '../../../plan/nodes.ts';
import { aggregateColumns, failureColumn } from '../../feature-columns.ts';
import { ascending } from '../../row-order.ts';
import { inputType } from '../../rows.ts';
import type { Step } from '../../script.ts';
import { commas } from '../../script.ts';
import type { FramedFeature, FramedPrinter } from '../aggregates/printer.ts';
import { AGGREGATE_PRINTERS, inputOf } from '../aggregates/printers.ts';
import { fromOrderKey, orderKey } from '../order-keys.ts';
import { table } from '../steps.ts';
import { edgesOf, ownEdges } from './edges.ts';
import { failuresCall, Tape } from './tape.ts';

export function framedSteps(node: WindowsNode, p: string): readonly Step[] {
  const features = node.features.map((_, i) => framedFeature(node, p, i));
  const tape = new Tape(node, p);
  const own = features.flatMap((feature) => feature.printer.steps?.(feature) ?? []);
  return [
    heavyQueries(node, p),
    marks(node, p),
    ranked(node, p),
    frames(node, p),
    ...tape.steps(),
    ...new Map(own.map((step) => [step.name, step])).values(),
    framed(node, p, { features, tape }),
  ];
}

type Feature = FramedFeature & { readonly printer: FramedPrinter };

function framedFeature(node: WindowsNode, p: string, i: number): Feature {
  const feature = node.features[i] as PlannedAggregate;
  const input = inputOf(node, feature);
  const rowOrder = commas(['ts', ascending('created'), orderKey(input.x, input.type)]);
  return { ...input, p, i, w: feature.window, ...edgesOf(node, feature.window), rowOrder, printer: printerOf(feature) };
}

const printerOf = ({ aggregate }: PlannedAggregate): FramedPrinter => AGGREGATE_PRINTERS[aggregate].framed;

/** The inputs of the features whose printer asks for something, each once. */
const inputsOf = (node: WindowsNode, asks: (printer: FramedPrinter) => boolean): readonly string[] => [
  ...new Set(node.features.filter((feature) => asks(printerOf(feature))).flatMap(({ input }) => input ?? [])),
];
const numberedInputs = (node: WindowsNode): readonly string[] =>
  inputsOf(node, ({ isNumbered }) => isNumbered === true);

/** Running totals at an edge: `r` rows, `c_<x>` non-null values. */
const totals = (node: WindowsNode): readonly string[] => ['r', ...numberedInputs(node).map((x) => `c_${x}`)];

function heavyQueries(node: WindowsNode, p: string): Step {
  const edges = ownEdges(node).map(({ id, sql }) => `${sql} AS s_${id}`);
  return table(
    `${p}_heavy_queries`,
    'instants of heavy keys, with the edges of their windows',
    `SELECT ${commas(['qid', 'kid', 'e', ...edges])} FROM ${p}_queries SEMI JOIN ${p}_heavy USING (kid)`,
  );
}

function marks(node: WindowsNode, p: string): Step {
  const edges = ['e', ...ownEdges(node).map(({ id }) => `s_${id}`)];
  const selects = edges.map((edge) => `SELECT kid, ${edge} AS ts FROM ${p}_heavy_queries`);
  return table(`${p}_marks`, 'every window edge, once', selects.join('\nUNION\n'));
}

/** Edges sort before rows of the same instant: a row exactly at an edge lies after it. */
function ranked(node: WindowsNode, p: string): Step {
  // Sums of doubles run several times as fast as counts and sums of integers; exact up to 2^53 rows.
  const count = (condition: string, name: string): string =>
    `CAST(coalesce(sum(CASE WHEN ${condition} THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS ${name}`;
  const columns = [
    '*',
    count('is_row = 1', 'r'),
    ...numberedInputs(node).map((x) => count(`${x} IS NOT NULL`, `c_${x}`)),
    ...tieColumns(node),
  ];
  const created = node.rows.scan.source.createdTimestampColumn === null ? '' : `, ${ascending('created')}`;
  const order = `PARTITION BY kid ORDER BY ts, is_row${created}`;
  return table(
    `${p}_ranked`,
    'edges among rows, each with the running totals before it',
    `SELECT ${commas(columns)}\nFROM (\nSELECT *, 1 AS is_row FROM ${p}_rows SEMI JOIN ${p}_heavy USING (kid)\nUNION ALL BY NAME\nSELECT kid, ts, 0 AS is_row FROM ${p}_marks\n)\nWINDOW running AS (${order} ROWS UNBOUNDED PRECEDING), tied AS (${order} RANGE BETWEEN CURRENT ROW AND CURRENT ROW)`,
  );
}

function tieColumns(node: WindowsNode): readonly string[] {
  const columns = node.features.flatMap((feature) => {
    const { ofTie } = printerOf(feature);
    if (ofTie === undefined || feature.input === null) return [];
    const type = inputType(node.rows, feature.input);
    const key = `${ofTie.extreme}(${orderKey(feature.input, type)}) FILTER (WHERE ${feature.input} IS NOT NULL) OVER tied`;
    return [`${fromOrderKey(key, type)} AS ${feature.input}_${ofTie.name}`];
  });
  return [...new Set(columns)];
}

/** `<total>_e` at the instant, `<total>_<edge>` at the other edges of windows; nothing is before an unbounded one. */
function frames(node: WindowsNode, p: string): Step {
  const names = totals(node);
  const columns = ['qid', 'q.kid', ...names.map((name) => `e.${name} AS ${name}_e`)];
  const joins = [`JOIN ${p}_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0`];
  for (const { id, widthMicros } of node.windows)
    if (widthMicros === null) columns.push(...names.map((name) => `0 AS ${name}_${id}`));
  for (const { id } of ownEdges(node)) {
    columns.push(...names.map((name) => `${id}.${name} AS ${name}_${id}`));
    joins.push(`JOIN ${p}_ranked ${id} ON ${id}.kid = q.kid AND ${id}.ts = q.s_${id} AND ${id}.is_row = 0`);
  }
  return table(
    `${p}_frames`,
    'totals at the window edges of each instant',
    `SELECT ${commas(columns)}\nFROM ${p}_heavy_queries q\n${joins.join('\n')}`,
  );
}

interface Framed {
  readonly features: readonly Feature[];
  readonly tape: Tape;
}

function framed(node: WindowsNode, p: string, { features, tape }: Framed): Step {
  const columns = features.map((feature) => featureColumns(node, feature, tape));
  const joins = [...tape.joins(), ...new Set(features.flatMap((feature) => feature.printer.joins?.(feature) ?? []))];
  return table(
    `${p}_framed`,
    'aggregates of heavy keys',
    `SELECT ${commas(['qid', ...columns.flatMap(({ values }) => values)])}\nFROM (\nSELECT ${commas(['f.qid', ...columns.flatMap(({ raw }) => raw)])}\nFROM ${p}_frames f\n${joins.join('\n')}\n)`,
  );
}

/** Raw columns of a feature over `f` (frames) and what is joined to it, and its value from them. */
function featureColumns(
  { rows, features }: WindowsNode,
  framedFeature: Feature,
  tape: Tape,
): { readonly raw: readonly string[]; readonly values: readonly string[] } {
  const { i, w, printer } = framedFeature;
  const feature = features[i] as PlannedAggregate;
  const calls = printer.tape?.(framedFeature) ?? [];
  const raws = printer.raw(
    framedFeature,
    calls.map((call) => tape.column(w, call)),
  );
  const names = raws.map((_, j) => `a${i}_${j}`);
  const failed = failureColumn(rows, feature);
  const value = AGGREGATE_PRINTERS[feature.aggregate].value(names, framedFeature);
  return {
    raw: [
      ...raws.map((sql, j) => `${sql} AS ${names[j]}`),
      ...(failed === null ? [] : [`${tape.column(w, failuresCall(failed))} > 0 AS g${i}`]),
    ],
    values: aggregateColumns({ rows, feature, i }, value, names),
  };
}
