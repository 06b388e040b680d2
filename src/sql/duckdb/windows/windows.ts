// WindowsNode → SQL. For labels, keys are split by weight: where the pairs (instant, row) of a key are few, a join and a
// GROUP BY win; where they would explode, frames over sorted rows stay near-linear (framed.ts).

import type { WindowsNode } from '../../../plan/nodes.ts';
import { keyNames, rowsSelect } from '../../rows.ts';
import type { Fragment, Step } from '../../script.ts';
import { ands, commas } from '../../script.ts';
import type { BoundaryPart, LabelPart } from '../../strategies.ts';
import { labelInstant, rowsAroundWindows, rowsInWindows } from '../../visible-rows.ts';
import type { DuckdbContext } from '../context.ts';
import { duckdbDialect } from '../dialect.ts';
import { queriesSteps, rowsStep, valuesStep } from '../queries.ts';
import { table, view } from '../steps.ts';
import { groupedShares } from './grouped-shares.ts';
import { heavySteps } from './heavy-maps.ts';
import { sharesOf } from './shares.ts';

export function windowsAtLabels(context: DuckdbContext, node: WindowsNode, part: LabelPart): Fragment {
  const { prefix: p } = part;
  const { pairsPerRow } = context;
  const { createdVisibility } = node.rows;
  return {
    steps: [
      ...queriesSteps(part, node.rows),
      rowsStep(context, part, node.rows),
      ...(createdVisibility
        ? [table(`${p}_outcome`, 'aggregates', atInstants(p, node, ''))]
        : byWeight(p, node, pairsPerRow)),
      valuesStep(p, node.rows),
    ],
    table: `${p}_values`,
    strategy: createdVisibility
      ? `${node.view}: join and group; visibility by created time is a second dimension, so the cost grows with the rows in the widest window of each instant`
      : `${node.view}: join and group for keys with at most ${pairsPerRow} × (rows + instants) pairs, frames over sorted rows for heavier ones`,
  };
}

const byWeight = (p: string, node: WindowsNode, pairsPerRow: number): readonly Step[] => [
  table(
    `${p}_heavy`,
    'keys whose pairs would explode',
    `SELECT kid FROM (SELECT kid, count(*) AS n FROM ${p}_rows GROUP BY kid) JOIN ${p}_keys USING (kid)\nWHERE CAST(n AS DOUBLE) * asked > ${pairsPerRow} * CAST(n + asked AS DOUBLE)`,
  ),
  table(
    `${p}_grouped`,
    'aggregates of light keys, joined and grouped',
    atInstants(p, node, `ANTI JOIN ${p}_heavy USING (kid) `),
  ),
  ...heavySteps(node, p),
  view(
    `${p}_outcome`,
    'aggregates of all keys',
    `SELECT * FROM ${p}_grouped\nUNION ALL BY NAME\nSELECT * FROM ${p}_framed`,
  ),
];

/** Each instant joined to its rows: around the windows of its key, and known by then. */
function atInstants(p: string, node: WindowsNode, lightOnly: string): string {
  const conditions = ands(rowsAroundWindows(node, labelInstant(node)));
  const from = `${p}_queries q ${lightOnly}JOIN ${p}_rows USING (kid)\nWHERE ${conditions}`;
  return groupedShares(node, 'e', { groupBy: ['qid'], from });
}

/** One boundary for every key that has rows in some window: a GROUP BY, no join. */
export function windowsAtBoundary(
  context: DuckdbContext,
  node: WindowsNode,
  { prefix: p, at, range }: BoundaryPart,
): Fragment {
  const e = `CAST(${at.effectiveMicros} AS BIGINT)`;
  const rows = rowsSelect(duckdbDialect, node.rows, context.scan(node.rows, range));
  const conditions = rowsInWindows(node, { e, known: `${at.knownMicros}` });
  const isReadTwice = sharesOf(node).length > 1;
  const read = isReadTwice ? [table(`${p}_rows`, 'source rows in the time range', rows)] : [];
  const from = `${isReadTwice ? `${p}_rows` : `(\n${rows}\n)`}\nWHERE ${ands(conditions)}`;
  const values = groupedShares(node, e, { groupBy: keyNames(node.rows), from });
  return {
    steps: [...read, view(`${p}_values`, 'aggregates by key', values)],
    table: `${p}_values`,
    strategy: `${node.view}: one boundary, grouped by ${commas(node.rows.keys.map(({ name }) => name))}`,
  };
}
