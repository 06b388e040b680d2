// How many columns labels have, and how deep their values are: looked at before the engine sees a file, which takes twice as
// long with each level of nesting.
import type { LabelLimits } from '../../arrow/label-limits.ts';
import { invalid, shortened } from './columns.ts';

export type ShapeLimits = Pick<LabelLimits, 'columns' | 'depth'>;

export function requireFewColumns(found: number, where: string, { columns }: ShapeLimits): void {
  if (found <= columns) return;
  throw invalid(`${where}: found ${found} columns, expected at most ${columns} (server.limits.labelColumns)`, {
    limit: 'labelColumns',
    labelColumns: columns,
  });
}

/** `column`: null where it is not known. */
export function tooDeep(column: string | null, where: string, { depth }: ShapeLimits): Error {
  const what = column === null ? '' : `, label column ${shortened(column)}`;
  return invalid(
    `${where}${what}: found more than ${depth} lists and structs within each other, expected at most that (server.limits.labelDepth)`,
    { ...(column === null ? {} : { column }), limit: 'labelDepth', labelDepth: depth },
  );
}
