// Which nodes can fail on a row: int64 arithmetic that can overflow, and CASTs that not every value survives.
//
// A failure is a third kind of outcome beside a value and null (docs/reference/expressions.md): a strict function of a null is
// null whatever its other arguments do; AND and OR are decided by one false or true; CASE and COALESCE do not look at
// what they do not need; everything else that reads a failure fails.
import { isFloatType, isIntegerType } from '../../schemas/types.ts';
import type { CastNode, ExpressionNode } from './expression.ts';
import { INT32, INT64, intRange, unclamped, within } from './expression-ranges.ts';

/** Whether the node itself can fail, its parts aside. */
export function failsItself(node: ExpressionNode): boolean {
  if (node.kind === 'cast') return castFails(node);
  return node.kind === 'call' && node.type === 'int64' && !within(unclamped(node), INT64);
}

function castFails({ arg, type }: CastNode): boolean {
  if (arg.type === 'string') return type !== 'string';
  if (isFloatType(arg.type as 'float64'))
    return isIntegerType(type as 'int64') || (arg.type === 'float64' && type === 'float32');
  return type === 'int32' && arg.type !== 'bool' && !within(intRange(arg), INT32);
}

export const canFail = (node: ExpressionNode): boolean => failsItself(node) || partsOf(node).some(canFail);

export function partsOf(node: ExpressionNode): readonly ExpressionNode[] {
  if (node.kind === 'call') return node.args;
  if (node.kind === 'cast') return [node.arg];
  if (node.kind === 'in') return [node.arg, ...node.list];
  if (node.kind === 'struct') return node.fields.map(({ value }) => value);
  if (node.kind !== 'case') return [];
  return [
    ...node.branches.flatMap(({ when, value }) => [when, value]),
    ...(node.otherwise === null ? [] : [node.otherwise]),
  ];
}
