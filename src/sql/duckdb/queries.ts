// LabelInstantsNode → the distinct (key, e) that labels ask for, numbered, with a dense id for each key.
//
// Tables: <p>_keys (k0…, kid, asked), <p>_queries (qid, kid, k0…, e), <p>_rows (kid, ts, created, x0…, f0…)

import type { RowsNode } from '../../plan/nodes.ts';
import { effectiveSql } from '../instants.ts';
import { labelKey } from '../labels.ts';
import { keyNames, rowsSelect } from '../rows.ts';
import type { Step } from '../script.ts';
import { ands, commas } from '../script.ts';
import type { LabelPart } from '../strategies.ts';
import { rowsInRange } from '../visible-rows.ts';
import type { DuckdbContext } from './context.ts';
import { duckdbDialect } from './dialect.ts';
import { table } from './steps.ts';

export function queriesSteps({ prefix: p, labels, at }: LabelPart, rows: RowsNode): readonly Step[] {
  const keys = keyNames(rows);
  const roles = at.roles.map(({ labelColumns }) => {
    // Of a view without entities: its one key.
    const columns = labelColumns.length === 0 ? ['TRUE'] : labelColumns.map((column) => labelKey(labels, column));
    const items = [...columns.map((column, i) => `${column} AS k${i}`), `${effectiveSql('t', at.refresh)} AS e`];
    const conditions = [
      ...columns.map((column) => `${column} IS NOT NULL`),
      ...(at.untilMicros === undefined ? [] : [`t <= ${at.untilMicros}`]),
    ];
    return `SELECT ${commas(items)} FROM labels WHERE ${ands(conditions)}`;
  });
  return [
    table(
      `${p}_asked`,
      'distinct keys and effective times of the labels',
      `SELECT DISTINCT * FROM (\n${roles.join('\nUNION ALL\n')}\n)`,
    ),
    table(
      `${p}_keys`,
      'distinct keys, with how many instants are asked of each',
      `SELECT ${commas(keys)}, row_number() OVER () AS kid, count(*) AS asked FROM ${p}_asked GROUP BY ${commas(keys)}`,
    ),
    table(
      `${p}_queries`,
      'what is asked: key and instant, numbered',
      `SELECT row_number() OVER () AS qid, kid, ${commas(keys)}, e FROM ${p}_asked JOIN ${p}_keys USING (${commas(keys)})`,
    ),
  ];
}

/** Source rows of the asked keys, once. */
export function rowsStep(
  context: DuckdbContext,
  { prefix: p, range }: LabelPart,
  rows: RowsNode,
  extra: readonly string[] = [],
): Step {
  const keys = keyNames(rows);
  const conditions = rowsInRange(range);
  const where = conditions.length === 0 ? '' : `\nWHERE ${ands(conditions)}`;
  const select = rowsSelect(duckdbDialect, rows, context.scan(rows, range));
  const items = [`r.* EXCLUDE (${commas(keys)})`, 'kid', ...extra];
  return table(
    `${p}_rows`,
    'source rows of these keys in the time range',
    `SELECT ${commas(items)}\nFROM (\n${select}\n) r JOIN ${p}_keys USING (${commas(keys)})${where}`,
  );
}

/** `qid` → key and instant beside the values: what labels are joined with. */
export const valuesStep = (p: string, rows: RowsNode): Step =>
  table(
    `${p}_values`,
    'values by key and instant',
    `SELECT ${commas(keyNames(rows))}, e, o.* FROM ${p}_queries JOIN ${p}_outcome o USING (qid)`,
  );
