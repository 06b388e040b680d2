// The labels of a training set as a table: `labels`, with `rid` (0, 1, … in label order), `t`, the typed keys `l0…` and the
// original columns `c0…`.
import { PlumbError } from '../../schemas/errors.ts';
import type { LabelInstantsNode, Labels } from '../plan/nodes.ts';
import { effectiveSql } from './instants.ts';
import { ands } from './script.ts';

/** The number of the label row in a result; a name that no label column and no feature may have. */
export const LABEL_ROW = '__plumb_row';

/** The column of the labels table that holds a typed join key. */
export function labelKey(labels: Labels, column: string): string {
  const index = labels.keys.findIndex((key) => key.column === column);
  if (index < 0) throw new PlumbError('INTERNAL', `label column ${column} is not planned as a key`);
  return `l${index}`;
}

/** The condition that joins a label, read in one role, with its values. */
export function labelMatch(labels: Labels, at: LabelInstantsNode, role: number, alias: string): string {
  const columns = at.roles[role]?.labelColumns ?? [];
  const keys = columns.map((column, i) => `${alias}.k${i} = ${labelKey(labels, column)}`);
  return ands([...keys, `${alias}.e = ${effectiveSql('t', at.refresh)}`]);
}
