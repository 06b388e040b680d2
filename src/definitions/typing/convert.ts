// Parsed tree → typed tree. A node class without an entry here cannot be in an expression.
import type { DataType } from '../../../schemas/types.ts';
import type { ExpressionNode, FunctionName } from '../../catalog/expression.ts';
import type { Json, JsonObject } from '../../lossless-json.ts';
import { nearestName, oneOf } from '../../nearest.ts';
import { castNode } from './casts.ts';
import { constantNode } from './constants.ts';
import { functionNamed, typedCall } from './functions.ts';
import { MAX_NESTING } from './limits.ts';
import { alike, comparable, literal, required } from './nodes.ts';
import { fields, list, object, text } from './parsed-sql.ts';
import { Refusal } from './refusal.ts';
import { tooDeep } from './syntax-mistakes.ts';

const EXPECTED = 'columns, literals, operators, CASE, CAST, or a function of the list in docs/reference/expressions.md';

interface Scope {
  readonly columns: ReadonlyMap<string, DataType>;
  readonly depth: number;
}
type Convert = (node: JsonObject, scope: Scope) => ExpressionNode;

export const convertExpression = (node: JsonObject, columns: ReadonlyMap<string, DataType>): ExpressionNode =>
  convert(node, { columns, depth: 0 });

function convert(node: Json | undefined, { columns, depth }: Scope): ExpressionNode {
  if (depth > MAX_NESTING) throw tooDeep();
  const parsed = object(node);
  const kind = text(parsed.class);
  const converter = CONVERTERS.get(kind);
  if (converter === undefined) throw new Refusal(REFUSED.get(kind) ?? `SQL of the form ${kind}`, EXPECTED);
  return converter(parsed, { columns, depth: depth + 1 });
}

const all = (nodes: Json | undefined, scope: Scope): readonly ExpressionNode[] =>
  list(nodes).map((node) => convert(node, scope));

const columnNode: Convert = (node, { columns }) => {
  const names = list(fields(node, 'column_names').column_names).map(text);
  const name = names.join('.');
  const type = names.length === 1 ? columns.get(name) : undefined;
  if (type !== undefined) return { kind: 'column', name, type };
  throw new Refusal(`the column ${name}`, `a column: ${oneOf(columns.keys())}`, nearestName(name, columns.keys()));
};

const FUNCTION_FIELDS = [
  'function_name',
  'schema',
  'catalog',
  'children',
  'filter',
  'order_bys',
  'distinct',
  'is_operator',
  'export_state',
] as const;

const functionNode: Convert = (node, scope) => {
  const call = fields(node, ...FUNCTION_FIELDS);
  const written = text(call.function_name);
  const name = functionNamed(written);
  const isQualified = call.catalog !== '' || (call.schema !== '' && call.schema !== 'main');
  const orders = list(object(call.order_bys).orders);
  if (
    isQualified ||
    call.filter !== null ||
    call.distinct !== false ||
    call.export_state !== false ||
    orders.length > 0
  )
    throw new Refusal(`${written} with a modifier or a schema`, `plain ${name}(…)`);
  return typedCall(name, all(call.children, scope), isQualified ? name : written);
};

const OPERATORS: ReadonlyMap<string, FunctionName> = new Map([
  ['OPERATOR_NOT', 'not'],
  ['OPERATOR_IS_NULL', 'is_null'],
  ['OPERATOR_IS_NOT_NULL', 'is_not_null'],
  ['OPERATOR_COALESCE', 'coalesce'],
  ['OPERATOR_NULLIF', 'nullif'],
]);

const operatorNode: Convert = (node, scope) => {
  const type = text(node.type);
  const args = all(fields(node, 'children').children, scope);
  if (type === 'COMPARE_IN' || type === 'COMPARE_NOT_IN') return inNode(args, type === 'COMPARE_NOT_IN');
  const name = OPERATORS.get(type);
  if (name === undefined)
    throw new Refusal(REFUSED.get(type) ?? `the operator ${type.replace('OPERATOR_', '')}`, EXPECTED);
  return typedCall(name, args);
};

function inNode(args: readonly ExpressionNode[], negated: boolean): ExpressionNode {
  if (args.slice(1).some((item) => item.kind !== 'literal'))
    throw new Refusal('IN a list with computed values', 'literals only');
  const [, [arg, ...items]] = comparable(args, 'IN');
  return { kind: 'in', type: 'bool', arg: arg as ExpressionNode, list: items, negated };
}

const COMPARISONS: ReadonlyMap<string, FunctionName> = new Map([
  ['COMPARE_EQUAL', '='],
  ['COMPARE_NOTEQUAL', '<>'],
  ['COMPARE_LESSTHAN', '<'],
  ['COMPARE_LESSTHANOREQUALTO', '<='],
  ['COMPARE_GREATERTHAN', '>'],
  ['COMPARE_GREATERTHANOREQUALTO', '>='],
]);

const comparisonNode: Convert = (node, scope) => {
  const { left, right } = fields(node, 'left', 'right');
  const name = COMPARISONS.get(text(node.type));
  if (name === undefined) throw new Refusal('IS TRUE, IS FALSE or IS DISTINCT FROM', '= < > with IS NULL or COALESCE');
  return typedCall(name, [convert(left, scope), convert(right, scope)]);
};

const conjunctionNode: Convert = (node, scope) => {
  const name = text(node.type) === 'CONJUNCTION_AND' ? 'and' : 'or';
  return typedCall(name, all(fields(node, 'children').children, scope));
};

const betweenNode: Convert = (node, scope) => {
  const { input, lower, upper } = fields(node, 'input', 'lower', 'upper');
  return typedCall(
    'between',
    [input, lower, upper].map((part) => convert(part, scope)),
  );
};

const caseNode: Convert = (node, scope) => {
  const { case_checks: checks, else_expr: otherwise } = fields(node, 'case_checks', 'else_expr');
  const branches = list(checks).map((check) => object(check));
  const whens = branches.map((branch) => required(convert(branch.when_expr, scope), 'bool', 'WHEN'));
  const results = [...branches.map((branch) => convert(branch.then_expr, scope)), convert(otherwise, scope)];
  const [type, values] = alike(results, 'CASE');
  return {
    kind: 'case',
    type,
    branches: whens.map((when, i) => ({ when, value: values[i] ?? literal(null, type) })),
    otherwise: values.at(-1) ?? null,
  };
};

const CONVERTERS: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ['COLUMN_REF', columnNode],
  ['CONSTANT', constantNode],
  ['FUNCTION', functionNode],
  ['OPERATOR', operatorNode],
  ['COMPARISON', comparisonNode],
  ['CONJUNCTION', conjunctionNode],
  ['BETWEEN', betweenNode],
  ['CASE', caseNode],
  ['CAST', (node, scope) => castNode(node, (child) => convert(child, scope))],
]);

/** What users know the refused forms as. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['SUBQUERY', 'a subquery'],
  ['WINDOW', 'a window function'],
  ['PARAMETER', 'a parameter'],
  ['LAMBDA', 'a lambda'],
  ['STAR', 'a star'],
  ['COLLATE', 'a collation'],
  ['POSITIONAL_REFERENCE', 'a column by its number'],
  ['DEFAULT', 'DEFAULT'],
  ['ARRAY_EXTRACT', 'an element of a list'],
  ['ARRAY_SLICE', 'a part of a list'],
  ['STRUCT_EXTRACT', 'a field of a struct'],
]);
