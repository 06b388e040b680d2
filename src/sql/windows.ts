// WindowsNode → SQL. For labels, keys are split by weight: where the pairs (instant, row) of a key are few, a join and a
// GROUP BY win; where they would explode, frames over sorted rows stay near-linear (windows-framed.ts).

import { earliestStartMicros, effectiveMicros } from '../aggregate/windows.ts';
import type { LabelInstantsNode, Labels, WindowsNode } from '../plan/nodes.ts';
import type { PartContext, TimeRange } from './context.ts';
import { effectiveSql, windowStartSql } from './instants.ts';
import { labelKey, queriesSteps, rowsStep, valuesStep } from './queries.ts';
import { keyNames, rowsSelect } from './rows.ts';
import type { Fragment, Step } from './script.ts';
import { ands, commas, table, view } from './script.ts';
import { framedSteps } from './windows-framed.ts';
import { groupedSelect } from './windows-grouped.ts';

export function windowsAtLabels(
  context: PartContext,
  labels: Labels,
  node: WindowsNode,
  at: LabelInstantsNode,
): Fragment {
  const { prefix: p, dialect } = context;
  const range = windowsRange(context, node, at);
  const rowsIn = rowsStep(context, node.rows, range, exactRange(range));
  const light = groupedSelect(
    { dialect, node, e: 'e' },
    ['qid'],
    pairs(p, node, node.rows.createdVisibility ? '' : `ANTI JOIN ${p}_heavy USING (kid) `),
  );
  const steps: Step[] = [...queriesSteps(context, labels, node.rows, at), rowsIn];
  if (node.rows.createdVisibility) steps.push(table(`${p}_outcome`, 'aggregates', light));
  else {
    steps.push(
      heavyKeys(p, context.pairsPerRow),
      table(`${p}_grouped`, 'aggregates of light keys, joined and grouped', light),
    );
    steps.push(...framedSteps(dialect, node, p));
    steps.push(
      view(
        `${p}_outcome`,
        'aggregates of all keys',
        `SELECT * FROM ${p}_grouped\nUNION ALL BY NAME\nSELECT * FROM ${p}_framed`,
      ),
    );
  }
  steps.push(valuesStep(p, node.rows.keys, `${p}_outcome`));
  return { steps, table: `${p}_values`, strategy: describe(node, context.pairsPerRow) };
}

function describe(node: WindowsNode, pairsPerRow: number): string {
  if (node.rows.createdVisibility) {
    return `${node.view}: join and group; visibility by created time is a second dimension, so the cost grows with the rows in the widest window of each instant`;
  }
  return `${node.view}: join and group for keys with at most ${pairsPerRow} × (rows + instants) pairs, frames over sorted rows for heavier ones`;
}

/** Rows of an instant: in the widest window of its key, and known by then. */
function pairs(p: string, node: WindowsNode, lightOnly: string): string {
  const known = node.rows.createdVisibility ? [`created <= e + ${node.delayMicros}`] : [];
  const conditions = ['ts < e', ...earliestStart('e', node), ...known];
  return `${p}_queries q ${lightOnly}JOIN ${p}_rows USING (kid)\nWHERE ${ands(conditions)}`;
}

function earliestStart(e: string, node: WindowsNode): readonly string[] {
  const starts = node.windows.map((window) => windowStartSql(e, window));
  if (starts.some((start) => start === null)) return [];
  return starts.length === 1 ? [`ts >= ${starts[0]}`] : [`ts >= least(${starts.join(', ')})`];
}

function heavyKeys(p: string, pairsPerRow: number): Step {
  return table(
    `${p}_heavy`,
    'keys whose pairs would explode',
    `SELECT kid FROM (SELECT kid, count(*) AS n FROM ${p}_rows GROUP BY kid) JOIN ${p}_keys USING (kid)\nWHERE CAST(n AS DOUBLE) * asked > ${pairsPerRow} * CAST(n + asked AS DOUBLE)`,
  );
}

function windowsRange(context: PartContext, node: WindowsNode, at: LabelInstantsNode): TimeRange {
  if (context.interval === null) return { fromMicros: null, toMicros: null };
  const { fromMicros, toMicros } = context.interval;
  return {
    fromMicros: earliestStartMicros(node.windows, effectiveMicros(at.refresh, fromMicros)),
    toMicros: effectiveMicros(at.refresh, toMicros),
  };
}

export const exactRange = ({ fromMicros, toMicros }: TimeRange): readonly string[] => [
  ...(fromMicros === null ? [] : [`ts >= ${fromMicros}`]),
  ...(toMicros === null ? [] : [`ts <= ${toMicros}`]),
];

/** One boundary for every key that has rows in the widest window: a GROUP BY, no join. */
export function windowsAtBoundary(context: PartContext, node: WindowsNode): Fragment {
  if (node.at.kind !== 'boundary') throw new TypeError('not a boundary');
  const { prefix: p, dialect } = context;
  const { effectiveMicros: boundary, knownMicros } = node.at;
  const range: TimeRange = { fromMicros: earliestStartMicros(node.windows, boundary), toMicros: boundary };
  const e = `CAST(${boundary} AS BIGINT)`;
  const conditions = [
    `ts < ${e}`,
    ...earliestStart(e, node),
    ...(node.rows.createdVisibility ? [`created <= ${knownMicros}`] : []),
  ];
  const from = `(\n${rowsSelect(dialect, node.rows, context.scan(node.rows, range))}\n)\nWHERE ${ands(conditions)}`;
  const select = groupedSelect({ dialect, node, e }, keyNames(node.rows), from);
  return {
    steps: [view(`${p}_values`, 'aggregates by key', select)],
    table: `${p}_values`,
    strategy: `${node.view}: one boundary, grouped by ${commas(node.rows.keys.map(({ name }) => name))}`,
  };
}

/** The condition that joins a label, read in one role, with its values. */
export function labelMatch(labels: Labels, at: LabelInstantsNode, role: number, alias: string): string {
  const columns = at.roles[role]?.labelColumns ?? [];
  const keys = columns.map((column, i) => `${alias}.k${i} = ${labelKey(labels, column)}`);
  return ands([...keys, `${alias}.e = ${effectiveSql('t', at.refresh)}`]);
}
