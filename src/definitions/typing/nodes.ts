// Makers of nodes, and the conversions between types that arithmetic and comparison imply.
import { type DataType, isFloatType, isIntegerType, isNumericType, isScalarType } from '../../../schemas/types.ts';
import type { CallNode, ExpressionNode, FunctionName, LiteralNode } from '../../catalog/expression.ts';
import { deepFreeze } from '../../catalog/freeze.ts';
import { parseInstant } from '../../instant.ts';
import { Refusal } from './refusal.ts';

export const literal = (value: LiteralNode['value'], type: LiteralNode['type']): LiteralNode => ({
  kind: 'literal',
  value,
  type,
});
export const call = (name: FunctionName, type: DataType, args: readonly ExpressionNode[]): CallNode => ({
  kind: 'call',
  name,
  type,
  args,
});

/** Widens, or types a NULL; a literal is converted here and now. The caller knows that the types fit. */
export function as(node: ExpressionNode, type: DataType): ExpressionNode {
  if (node.type === type) return node;
  if (node.type === 'null') return literal(null, type);
  if (node.kind === 'literal' && type === 'float64') return literal(Number(node.value), type);
  if (node.kind === 'literal' && type === 'timestamp') return instant(String(node.value));
  return { kind: 'cast', arg: node, type };
}

const instant = (text: string): LiteralNode => {
  const micros = parseInstant(text);
  if (micros !== null) return literal(micros, 'timestamp');
  throw new Refusal(`the text ${quoted(text)} as a timestamp`, 'an RFC 3339 instant such as 2026-01-08T00:00:00Z');
};

export const quoted = (text: string): string => (text.length > 40 ? `'${text.slice(0, 40)}…'` : `'${text}'`);

/** int64 for integers, float64 for floats: the types that arithmetic knows. A bare NULL is an int64. */
export function arithmeticType(node: ExpressionNode, where: string): 'int64' | 'float64' {
  if (node.type === 'null' || isIntegerType(node.type)) return 'int64';
  if (isFloatType(node.type)) return 'float64';
  throw new Refusal(`${where} of ${node.type}`, 'a number');
}

export function number(node: ExpressionNode, where: string): ExpressionNode {
  return as(node, arithmeticType(node, where));
}

/** The one type a function asks for; integers widen to float64, text literals read as timestamps. */
export function required(node: ExpressionNode, type: DataType, where: string): ExpressionNode {
  const fits =
    node.type === 'null' ||
    node.type === type ||
    (type === 'float64' && isNumericType(node.type)) ||
    (type === 'int64' && isIntegerType(node.type)) ||
    (type === 'timestamp' && isTextLiteral(node));
  if (!fits) throw new Refusal(`${where} of ${node.type}`, `a ${type}`);
  return as(node, type);
}

const isTextLiteral = (node: ExpressionNode): boolean => node.kind === 'literal' && node.type === 'string';

/** All of one type: equal types, numbers widened, NULLs typed, text literals beside timestamps read as instants. */
export function alike(nodes: readonly ExpressionNode[], where: string): readonly [DataType, readonly ExpressionNode[]] {
  const known = nodes.filter((node) => node.type !== 'null');
  const hasTimestamp = known.some((node) => node.type === 'timestamp');
  const types = known.filter((node) => !(hasTimestamp && isTextLiteral(node))).map((node) => node.type as DataType);
  const [first, ...others] = types;
  if (first === undefined)
    throw new Refusal(`${where} of nothing but NULL`, 'a typed value, such as CAST(NULL AS float64)');
  const type = others.reduce((a, b) => commonType(a, b, where), first);
  return [type, nodes.map((node) => as(node, type))];
}

function commonType(a: DataType, b: DataType, where: string): DataType {
  if (a === b) return a;
  if (isIntegerType(a) && isIntegerType(b)) return 'int64';
  if (isNumericType(a) && isNumericType(b)) return 'float64';
  throw new Refusal(
    `${where} of ${a} and ${b}`,
    'values of one kind: numbers, strings, timestamps or bools; CAST one of them',
  );
}

/** As `alike`, for what must have an order and equality: no lists or vectors. */
export function comparable(
  nodes: readonly ExpressionNode[],
  where: string,
): readonly [DataType, readonly ExpressionNode[]] {
  const [type, same] = alike(nodes, where);
  if (!isScalarType(type)) throw new Refusal(`${where} of ${type}`, 'scalars');
  return [type, same];
}

/** Freezes in depth. A tree is small (limits.ts), so its nodes are visited one by one. */
export const frozen = <T>(tree: T): T => deepFreeze(tree);
