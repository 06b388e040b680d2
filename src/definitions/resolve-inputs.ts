// What a feature reads: a column or an expression, and the lossless conversions to a declared type.
import { type DataType, isIntegerType } from '../../schemas/types.ts';
import type { Expression } from '../catalog/expression.ts';
import { show } from '../contract-mistakes.ts';
import { columnExpression, columnType } from './columns.ts';
import { type CompiledExpressions, compiledExpression } from './compile-expressions.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import type { ResolvedSource } from './resolve-sources.ts';

export interface InputScope {
  readonly source: ResolvedSource;
  readonly compiled: CompiledExpressions;
}

interface InputDefinition {
  readonly column?: string | undefined;
  readonly expression?: string | undefined;
}

/** Null, and a mistake, where there is no sound one. `fallback`: the column that is read where neither is given. */
export function resolveInput(
  input: InputDefinition,
  fallback: string,
  scope: InputScope,
  place: Place,
  mistakes: Mistakes,
): Expression | null {
  if (input.column !== undefined && input.expression !== undefined) {
    mistakes.add(at(place, 'expression'), 'both column and expression', 'one of the two');
    return null;
  }
  if (input.expression !== undefined)
    return compiledExpression(scope.compiled, scope.source, input.expression, at(place, 'expression'), mistakes);
  const name = input.column ?? fallback;
  const type = columnType(scope.source, name, at(place, input.column === undefined ? 'name' : 'column'), mistakes);
  return type === null ? null : columnExpression(name, type);
}

/** Null where there is none, and where it has a mistake. */
export function resolveCondition(
  sql: string | undefined,
  { compiled, source }: InputScope,
  place: Place,
  mistakes: Mistakes,
): Expression | null {
  if (sql === undefined) return null;
  const condition = compiledExpression(compiled, source, sql, place, mistakes);
  if (condition !== null && condition.type !== 'bool')
    mistakes.add(place, `${show(sql)} of type ${condition.type}`, 'a condition of type bool');
  return condition;
}

/** Whether every value of `from` is one of `to`; int64 → float64 counts, as SQL does. */
export const widens = (from: DataType, to: DataType): boolean =>
  (from === 'int32' && to === 'int64') || ((isIntegerType(from) || from === 'float32') && to === 'float64');

export const convert = (expression: Expression, type: DataType): Expression =>
  expression.type === type ? expression : { ...expression, type, tree: { kind: 'cast', arg: expression.tree, type } };
