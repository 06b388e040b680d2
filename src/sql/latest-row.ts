// LatestRowNode → SQL.
//
// At labels: an ASOF join finds, for each (key, e), the newest event time; the winners among the rows tied at that time
// are then chosen by (created, values). Only rows at found times are ordered, so the cost stays near-linear.
// With visibility by created time a row becomes visible at v = max(ts, created) (or strictly after ts, or when a run at e
// knew it: created - delay), so the last row at e is the greatest in row order among v <= e: a running maximum over v.
import { effectiveMicros } from '../aggregate/windows.ts';
import type { IncrementNode, LabelInstantsNode, Labels, LatestRowNode } from '../plan/nodes.ts';
import type { PartContext, TimeRange } from './context.ts';
import type { Dialect } from './dialect.ts';
import { queriesSteps, rowsStep, valuesStep } from './queries.ts';
import { ascending, descending } from './row-order.ts';
import { failureFlag, keyNames, rowsSelect } from './rows.ts';
import type { Fragment, Step } from './script.ts';
import { ands, commas, table, view } from './script.ts';
import { exactRange } from './windows.ts';

export function latestRowAtLabels(
  context: PartContext,
  labels: Labels,
  node: LatestRowNode,
  at: LabelInstantsNode,
): Fragment {
  const { prefix: p } = context;
  const range = latestRange(context, node, at);
  const extra = node.rows.createdVisibility ? [`${visibleAt(node)} AS v`] : [];
  const steps: Step[] = [
    ...queriesSteps(context, labels, node.rows, at),
    rowsStep(context, node.rows, range, exactRange(range), extra),
  ];
  steps.push(...(node.rows.createdVisibility ? bestByVisibility(context, node) : bestByEventTime(context, node)));
  steps.push(valuesStep(p, node.rows.keys, `${p}_outcome`));
  const how = node.rows.createdVisibility
    ? 'running maximum in row order over the instants rows became visible'
    : 'ASOF join on event time';
  return { steps, table: `${p}_values`, strategy: `${node.view}: ${how}` };
}

/** Rows too old to be valid at the earliest label need not be read. */
function latestRange({ interval }: PartContext, node: LatestRowNode, at: LabelInstantsNode): TimeRange {
  if (interval === null) return { fromMicros: null, toMicros: null };
  return {
    fromMicros: node.ttlMicros === null ? null : interval.fromMicros - node.ttlMicros,
    toMicros: effectiveMicros(at.refresh, interval.toMicros),
  };
}

const visibleAt = (node: LatestRowNode): string =>
  `greatest(${node.strictlyBefore ? 'ts + 1' : 'ts'}, created - ${node.delayMicros})`;

/** `v<i>`, `i<i>` of every feature, from the inputs of the winning row. */
export function rowValues(node: LatestRowNode): readonly string[] {
  return node.features.flatMap((feature, i) => {
    const input = node.rows.inputs.find(({ id }) => id === feature.input);
    const flag = input === undefined ? null : failureFlag(node.rows, input);
    return [`${feature.input} AS v${i}`, ...(flag === null ? [] : [`${flag} AS i${i}`])];
  });
}

/** Inputs in the order in which the features that read them are defined. */
const tieOrder = (dialect: Dialect, node: LatestRowNode, direction: (sql: string) => string): string =>
  commas([
    direction('created'),
    ...[...new Set(node.features.map(({ input }) => input))].map((id) => {
      const type = node.rows.inputs.find((input) => input.id === id)?.expression.type ?? 'string';
      return direction(dialect.orderKey(id, type));
    }),
  ]);

function bestByEventTime({ prefix: p, dialect }: PartContext, node: LatestRowNode): Step[] {
  const bound = node.strictlyBefore ? 'r.ts < q.e' : 'r.ts <= q.e';
  return [
    table(
      `${p}_hits`,
      'newest event time at each instant',
      `SELECT qid, q.kid, r.ts FROM ${p}_queries q ASOF JOIN ${p}_rows r ON r.kid = q.kid AND ${bound}`,
    ),
    table(
      `${p}_winners`,
      'the last row in row order at those times',
      `SELECT * FROM ${p}_rows SEMI JOIN (SELECT DISTINCT kid, ts FROM ${p}_hits) USING (kid, ts)\nQUALIFY row_number() OVER (PARTITION BY kid, ts ORDER BY ${tieOrder(dialect, node, descending)}) = 1`,
    ),
    view(
      `${p}_outcome`,
      'rows at each instant',
      `SELECT qid, ts AS row_ts, ${commas(rowValues(node))} FROM ${p}_hits JOIN ${p}_winners USING (kid, ts)`,
    ),
  ];
}

function bestByVisibility({ prefix: p, dialect }: PartContext, node: LatestRowNode): Step[] {
  const rank = `row_number() OVER (PARTITION BY kid ORDER BY ts ASC, ${tieOrder(dialect, node, ascending)}) AS rank`;
  return [
    table(`${p}_ranked`, 'rows numbered in row order', `SELECT *, ${rank} FROM ${p}_rows`),
    table(
      `${p}_best`,
      'greatest row so far, by the instant it became visible',
      `SELECT kid, v, max(rank) OVER (PARTITION BY kid ORDER BY v RANGE UNBOUNDED PRECEDING) AS rank FROM ${p}_ranked`,
    ),
    table(
      `${p}_hits`,
      'last visible row at each instant',
      `SELECT qid, q.kid, b.rank FROM ${p}_queries q ASOF JOIN ${p}_best b ON b.kid = q.kid AND b.v <= q.e`,
    ),
    view(
      `${p}_outcome`,
      'rows at each instant',
      `SELECT qid, ts AS row_ts, ${commas(rowValues(node))} FROM ${p}_hits JOIN ${p}_ranked USING (kid, rank)`,
    ),
  ];
}

export interface Incremental {
  readonly increment: IncrementNode | null;
  /** FROM item of the rows (k0…, ts, created, x0…, f0…) that earlier runs wrote; null: none needed. */
  readonly stored: string | null;
}

/** One boundary for every key: the newest event time by GROUP BY, then the winners among the rows tied there. */
export function latestRowAtBoundary(
  context: PartContext,
  node: LatestRowNode,
  { increment, stored }: Incremental,
): Fragment {
  if (node.at.kind !== 'boundary') throw new TypeError('not a boundary');
  const { prefix: p, dialect } = context;
  const keys = commas(keyNames(node.rows));
  const { effectiveMicros: boundary, knownMicros } = node.at;
  const range: TimeRange = { fromMicros: null, toMicros: boundary };
  const conditions = [
    node.strictlyBefore ? `ts < ${boundary}` : `ts <= ${boundary}`,
    ...(node.rows.createdVisibility ? [`created <= ${knownMicros}`] : []),
    ...(increment === null ? [] : [sinceSql(increment)]),
  ];
  const visible = `SELECT * FROM (\n${rowsSelect(dialect, node.rows, context.scan(node.rows, range))}\n)\nWHERE ${ands(conditions)}`;
  const order = tieOrder(dialect, node, descending);
  return {
    steps: [
      view(`${p}_new`, 'visible rows', visible),
      view(`${p}_rows`, 'visible rows, and what earlier runs wrote of their keys', withPrevious(p, keys, stored)),
      table(
        `${p}_tops`,
        'newest event time of each key',
        `SELECT ${keys}, max(ts) AS ts FROM ${p}_rows GROUP BY ${keys}`,
      ),
      view(
        `${p}_values`,
        'the last row of each key in row order',
        `SELECT ${keys}, ts AS row_ts, created, ${commas(rowValues(node))}\nFROM ${p}_rows JOIN ${p}_tops USING (${keys}, ts)\nQUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY ${order}) = 1`,
      ),
    ],
    table: `${p}_values`,
    strategy: `${node.view}: one boundary, newest row of each key${increment === null ? '' : ' among the rows since the last run'}`,
  };
}

const sinceSql = ({ eventMicros, createdMicros }: IncrementNode): string =>
  createdMicros === null ? `ts >= ${eventMicros}` : `(ts >= ${eventMicros} OR created >= ${createdMicros})`;

const withPrevious = (p: string, keys: string, stored: string | null): string =>
  stored === null
    ? `SELECT * FROM ${p}_new`
    : `SELECT * FROM ${p}_new\nUNION ALL BY NAME\nSELECT * FROM ${stored} SEMI JOIN (SELECT DISTINCT ${keys} FROM ${p}_new) USING (${keys})`;
