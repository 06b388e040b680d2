// Asks the ExpressionCompiler port once for all expressions of all views.
import type { FeatureViewDefinition } from '../../schemas/definitions.ts';
import type { Expression, ExpressionCompiler, ExpressionResult } from '../catalog/expression.ts';
import { columnExpression, isPlainColumn } from './columns.ts';
import type { Mistakes, Place } from './mistakes.ts';
import type { Parsed } from './parse-definitions.ts';
import type { ResolvedSource } from './resolve-sources.ts';

export type CompiledExpressions = ReadonlyMap<string, ExpressionResult>;

const keyOf = (source: string, sql: string): string => JSON.stringify([source, sql]);

export async function compileExpressions(
  views: readonly Parsed<FeatureViewDefinition>[],
  sources: ReadonlyMap<string, ResolvedSource>,
  compiler: ExpressionCompiler,
): Promise<CompiledExpressions> {
  const requests = new Map(views.flatMap(({ value }) => requestsOf(value, sources.get(value.source))));
  const results = await compiler.compile([...requests.values()]);
  return new Map([...requests.keys()].flatMap((key, i) => (results[i] === undefined ? [] : [[key, results[i]]])));
}

function requestsOf(view: FeatureViewDefinition, source: ResolvedSource | undefined) {
  if (source === undefined) return [];
  const texts = [view.where, ...(view.kind === 'row' ? [view.deletedWhen] : []), ...view.features.flatMap(textsOf)];
  const asked = texts.filter((sql) => sql !== undefined && !isPlainColumn(sql.trim(), source));
  return asked.map((sql) => [keyOf(source.name, sql ?? ''), { sql: sql ?? '', columns: source.columns }] as const);
}

const textsOf = (feature: FeatureViewDefinition['features'][number]): readonly (string | undefined)[] => [
  feature.expression,
  ...('where' in feature ? [feature.where] : []),
];

/** Null, and a mistake, where the expression does not compile. */
export function compiledExpression(
  compiled: CompiledExpressions,
  source: ResolvedSource,
  sql: string,
  place: Place,
  mistakes: Mistakes,
): Expression | null {
  const column = sql.trim();
  const type = isPlainColumn(column, source) ? source.columns.get(column) : undefined;
  if (type !== undefined) return columnExpression(column, type);
  const result = compiled.get(keyOf(source.name, sql));
  if (result?.ok === true) return result.expression;
  const mistake = result?.mistake ?? { found: sql, expected: 'an expression', nearest: null };
  mistakes.add(place, mistake.found, mistake.expected, mistake.nearest);
  return null;
}
