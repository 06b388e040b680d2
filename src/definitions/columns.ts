// Columns of a source as views use them: by name, as the most common expression of all.
import type { DataType } from '../../schemas/types.ts';
import type { Expression } from '../catalog/expression.ts';
import { show } from '../contract-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import type { Mistakes, Place } from './mistakes.ts';
import type { ResolvedSource } from './resolve-sources.ts';

/** The type of a column; null, and a mistake, where the source has none of that name. */
export function columnType(source: ResolvedSource, name: string, place: Place, mistakes: Mistakes): DataType | null {
  const type = source.columns.get(name);
  if (type !== undefined) return type;
  const names = [...source.columns.keys()];
  const physical = source.unreadable.get(name);
  const reason = physical === undefined ? '' : ` (the files have ${physical}, undeclared)`;
  mistakes.add(
    place,
    `${show(name)}${reason}`,
    `a column of source ${source.name}: ${oneOf(names)}`,
    nearestName(name, names),
  );
  return null;
}

export const columnExpression = (name: string, type: DataType): Expression => ({
  sql: name,
  type,
  tree: { kind: 'column', name, type },
  canFail: false,
});

const CONSTANTS: readonly string[] = ['true', 'false', 'null'];

/** Whether the SQL is nothing but the name of a column, so that no parser need be asked. */
export const isPlainColumn = (sql: string, source: ResolvedSource): boolean =>
  /^[A-Za-z_]\w*$/.test(sql) && !CONSTANTS.includes(sql.toLowerCase()) && source.columns.has(sql);
