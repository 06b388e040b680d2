// LatestRowNode → SQL.
//
// At labels: an ASOF join finds, for each (key, e), the newest event time; the winners among the rows tied at that time
// are then chosen by (created, values). Only rows at found times are ordered, so the cost stays near-linear.
// With visibility by created time a row becomes visible at v = max(ts, created) (or strictly after ts, or when a run at e
// knew it: created - delay), so the last row at e is the greatest in row order among v <= e: a running maximum over v.
import type { LatestRowNode } from '../../plan/nodes.ts';
import { deletedSql, rowColumns } from '../feature-columns.ts';
import { ascending, descending, tieOrder } from '../row-order.ts';
import { keyNames, rowsSelect } from '../rows.ts';
import type { Fragment, Step } from '../script.ts';
import { ands, commas } from '../script.ts';
import type { BoundaryPart, Incremental, LabelPart } from '../strategies.ts';
import { rowsBefore, rowsSince, visibleFromSql } from '../visible-rows.ts';
import type { DuckdbContext } from './context.ts';
import { duckdbDialect } from './dialect.ts';
import { queriesSteps, rowsStep, valuesStep } from './queries.ts';
import { table, view } from './steps.ts';

export function latestRowAtLabels(context: DuckdbContext, node: LatestRowNode, part: LabelPart): Fragment {
  const { prefix: p } = part;
  const { createdVisibility } = node.rows;
  const extra = createdVisibility ? [`${visibleFromSql(node)} AS v`] : [];
  const how = createdVisibility
    ? 'running maximum in row order over the instants rows became visible'
    : 'ASOF join on event time';
  return {
    steps: [
      ...queriesSteps(part, node.rows),
      rowsStep(context, part, node.rows, extra),
      ...(createdVisibility ? bestByVisibility(p, node) : bestByEventTime(p, node)),
      valuesStep(p, node.rows),
    ],
    table: `${p}_values`,
    strategy: `${node.view}: ${how}`,
  };
}

function bestByEventTime(p: string, node: LatestRowNode): Step[] {
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
      `SELECT * FROM ${p}_rows SEMI JOIN (SELECT DISTINCT kid, ts FROM ${p}_hits) USING (kid, ts)\nQUALIFY row_number() OVER (PARTITION BY kid, ts ORDER BY ${tieOrder(duckdbDialect, node, descending)}) = 1`,
    ),
    view(
      `${p}_outcome`,
      'rows at each instant',
      `SELECT qid, ts AS row_ts, ${commas(rowColumns(node))} FROM ${p}_hits JOIN ${p}_winners USING (kid, ts)${notDeleted(node)}`,
    ),
  ];
}

/** A key whose last row deletes it has no row. */
function notDeleted(node: LatestRowNode): string {
  const deleted = deletedSql(node);
  return deleted === null ? '' : ` WHERE NOT ${deleted}`;
}

function bestByVisibility(p: string, node: LatestRowNode): Step[] {
  const order = tieOrder(duckdbDialect, node, ascending);
  const rank = `row_number() OVER (PARTITION BY kid ORDER BY ts ASC, ${order}) AS rank`;
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
      `SELECT qid, ts AS row_ts, ${commas(rowColumns(node))} FROM ${p}_hits JOIN ${p}_ranked USING (kid, rank)${notDeleted(node)}`,
    ),
  ];
}

/** One boundary for every key: the newest event time by GROUP BY, then the winners among the rows tied there. */
export function latestRowAtBoundary(
  context: DuckdbContext,
  node: LatestRowNode,
  { prefix: p, at, range }: BoundaryPart,
  { increment, stored }: Incremental,
): Fragment {
  const keys = commas(keyNames(node.rows));
  const conditions = [
    ...rowsBefore(node, { e: `${at.effectiveMicros}`, known: `${at.knownMicros}` }),
    ...(increment === null ? [] : [rowsSince(increment)]),
  ];
  const rows = rowsSelect(duckdbDialect, node.rows, context.scan(node.rows, range));
  const order = tieOrder(duckdbDialect, node, descending);
  const deleted = deletedSql(node);
  const columns = [...rowColumns(node), ...(deleted === null ? [] : [`${deleted} AS deleted`])];
  return {
    steps: [
      view(`${p}_new`, 'visible rows', `SELECT * FROM (\n${rows}\n)\nWHERE ${ands(conditions)}`),
      view(`${p}_rows`, 'visible rows, and what earlier runs wrote of their keys', withPrevious(p, keys, stored)),
      table(
        `${p}_tops`,
        'newest event time of each key',
        `SELECT ${keys}, max(ts) AS ts FROM ${p}_rows GROUP BY ${keys}`,
      ),
      view(
        `${p}_values`,
        'the last row of each key in row order',
        `SELECT ${keys}, ts AS row_ts, created, ${commas(columns)}\nFROM ${p}_rows JOIN ${p}_tops USING (${keys}, ts)\nQUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY ${order}) = 1`,
      ),
    ],
    table: `${p}_values`,
    strategy: `${node.view}: one boundary, newest row of each key${increment === null ? '' : ' among the rows since the last run'}`,
  };
}

const withPrevious = (p: string, keys: string, stored: string | null): string =>
  stored === null
    ? `SELECT * FROM ${p}_new`
    : `SELECT * FROM ${p}_new\nUNION ALL BY NAME\nSELECT * FROM ${stored} SEMI JOIN (SELECT DISTINCT ${keys} FROM ${p}_new) USING (${keys})`;
