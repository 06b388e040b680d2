// The tree that DuckDB's json_serialize_sql gives for `SELECT (<text>)`, reduced to its one expression. Everything is
// checked by what is allowed, never by what is forbidden: a field that a new version adds is refused until it is known.
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../lossless-json.ts';
import { Refusal } from './refusal.ts';
import { ONE_EXPRESSION, syntaxRefusal } from './syntax-mistakes.ts';

const BARE_SELECT = {
  type: 'SELECT_NODE',
  modifiers: [],
  cte_map: { map: [] },
  from_table: { type: 'EMPTY', alias: '', sample: null },
  where_clause: null,
  group_expressions: [],
  group_sets: [],
  aggregate_handling: 'STANDARD_HANDLING',
  having: null,
  sample: null,
  qualify: null,
};

/** The one expression of `sql`, whose parse is `serialized`; a Refusal where that holds anything beside it. */
export function soleExpression(serialized: string, sql: string): JsonObject {
  const document = object(parseSerialized(serialized));
  if (document.error !== false) throw syntaxRefusal(document, sql);
  const statements = list(document.statements);
  if (statements.length !== 1) throw new Refusal(`${statements.length} statements`, ONE_EXPRESSION);
  const statement = object(statements[0]);
  if (!isDeepStrictEqual(statement.named_param_map, [])) throw new Refusal('a parameter', ONE_EXPRESSION);
  const { select_list: items, from_table: from, ...rest } = object(statement.node);
  const { query_location: _, ...table } = object(from ?? {});
  if (!isDeepStrictEqual({ ...rest, from_table: table }, BARE_SELECT))
    throw new Refusal('a query', `${ONE_EXPRESSION}: no FROM, WHERE, GROUP BY, ORDER BY, LIMIT, WITH or UNION`);
  if (list(items).length !== 1) throw new Refusal(`${list(items).length} expressions`, ONE_EXPRESSION);
  return object(list(items)[0]);
}

/** DuckDB writes a number beyond float64 as `Infinity`, which is no JSON. */
function parseSerialized(serialized: string): Json {
  try {
    return parseJson(serialized, 'the parsed expression');
  } catch {
    throw new Refusal('a number beyond float64', 'numbers up to 1.7976931348623157e308');
  }
}

export function object(value: Json | undefined): JsonObject {
  if (!isJsonObject(value)) throw unknownShape();
  return value;
}

export function list(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value)) throw unknownShape();
  return value;
}

export function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw unknownShape();
  return value;
}

/** The named fields of a node, which must have no others beside those that all nodes have. */
export function fields(node: JsonObject, ...names: readonly string[]): JsonObject {
  const { class: _class, type: _type, alias, query_location: _location, ...rest } = node;
  if (alias !== '') throw new Refusal(`the name ${String(alias)} given to a part`, ONE_EXPRESSION);
  if (Object.keys(rest).some((name) => !names.includes(name))) throw unknownShape();
  return rest;
}

const unknownShape = (): Refusal => new Refusal('SQL of a form that is not known', ONE_EXPRESSION);
