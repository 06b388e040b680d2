// LabelInstantsNode → the distinct (key, e) that labels ask for, numbered, with a dense id for each key.
//
// Tables: <p>_keys (k0…, kid, asked), <p>_queries (qid, kid, k0…, e), <p>_rows (kid, ts, created, x0…, f0…)

import { PlumbError } from '../../schemas/errors.ts';
import type { KeyColumn, LabelInstantsNode, Labels, RowsNode } from '../plan/nodes.ts';
import type { PartContext, TimeRange } from './context.ts';
import { effectiveSql } from './instants.ts';
import { keyNames, rowsSelect } from './rows.ts';
import type { Step } from './script.ts';
import { ands, commas, table } from './script.ts';

/** The column of the labels table that holds a typed join key. */
export function labelKey(labels: Labels, column: string): string {
  const index = labels.keys.findIndex((key) => key.column === column);
  if (index < 0) throw new PlumbError('INTERNAL', `label column ${column} is not planned as a key`);
  return `l${index}`;
}

export function queriesSteps(
  context: PartContext,
  labels: Labels,
  rows: RowsNode,
  at: LabelInstantsNode,
): readonly Step[] {
  const { prefix: p } = context;
  const keys = keyNames(rows);
  const roles = at.roles.map(({ labelColumns }) => {
    const columns = labelColumns.map((column) => labelKey(labels, column));
    const items = [...columns.map((column, i) => `${column} AS k${i}`), `${effectiveSql('t', at.refresh)} AS e`];
    return `SELECT ${commas(items)} FROM labels WHERE ${ands(columns.map((column) => `${column} IS NOT NULL`))}`;
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

/** Source rows of the asked keys, once; `condition` narrows them by time. */
export function rowsStep(
  context: PartContext,
  rows: RowsNode,
  range: TimeRange,
  conditions: readonly string[],
  extra: readonly string[] = [],
): Step {
  const { prefix: p, dialect } = context;
  const keys = keyNames(rows);
  const where = conditions.length === 0 ? '' : `\nWHERE ${ands(conditions)}`;
  const select = rowsSelect(dialect, rows, context.scan(rows, range));
  const items = [`r.* EXCLUDE (${commas(keys)})`, 'kid', ...extra];
  return table(
    `${p}_rows`,
    'source rows of these keys in the time range',
    `SELECT ${commas(items)}\nFROM (\n${select}\n) r JOIN ${p}_keys USING (${commas(keys)})${where}`,
  );
}

/** `qid` → key and instant beside the values: what labels are joined with. */
export function valuesStep(p: string, keys: readonly KeyColumn[], outcome: string): Step {
  const names = keys.map((_, i) => `k${i}`);
  return table(
    `${p}_values`,
    'values by key and instant',
    `SELECT ${commas(names)}, e, o.* FROM ${p}_queries JOIN ${outcome} o USING (qid)`,
  );
}
