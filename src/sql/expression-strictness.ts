// How null and failure pass through functions; the printer of failures rests on it.

import { isFloatType } from '../../schemas/types.ts';
import type { CallNode, ExpressionNode, FunctionName } from '../catalog/expression.ts';

/**
 * preserving: null if and only if an argument is null (or the function itself failed).
 * nulling: null where an argument is, and elsewhere too (x/0, numbers that are not finite).
 * absorbing: may give a value for null arguments, so a failed argument has to be looked for.
 * deciding: AND, OR, COALESCE: not every argument matters.
 */
export type Strictness = 'preserving' | 'nulling' | 'absorbing' | 'deciding';

const ABSORBING: readonly FunctionName[] = [
  'is_null',
  'is_not_null',
  'nullif',
  'least',
  'greatest',
  'concat',
  'between',
];
const DECIDING: readonly FunctionName[] = ['and', 'or', 'coalesce'];
const NULLING: readonly FunctionName[] = ['/', '%', 'sqrt', 'ln', 'log2', 'log10', 'exp', 'pow'];
/** Float functions whose result is not finite where an argument is not, and where finite arguments may overflow. */
const TRANSPARENT: readonly FunctionName[] = ['+', '-', '*', 'negate', 'abs', 'round', 'floor', 'ceil'];

export function strictness(node: CallNode): Strictness {
  if (ABSORBING.includes(node.name)) return 'absorbing';
  if (DECIDING.includes(node.name)) return 'deciding';
  return NULLING.includes(node.name) || mayOverflowFloat(node) ? 'nulling' : 'preserving';
}

const mayOverflowFloat = ({ name, type }: CallNode): boolean =>
  isFloatType(type as 'float64') && TRANSPARENT.includes(name);

/** Whether the engine's own result may be NaN, infinite or -0. */
export const needsFinite = (node: ExpressionNode): node is CallNode =>
  node.kind === 'call' &&
  node.type === 'float64' &&
  (TRANSPARENT.includes(node.name) || ['/', '%', 'exp', 'pow'].includes(node.name));

/**
 * Whether argument `index` may come in as the engine computed it, not finite perhaps: it then shows in the result, where
 * it is made null. `1 / (1e308 * 10)` is not such a case: as a divisor, infinity would vanish.
 */
export const passesNonFinite = (node: CallNode, index: number): boolean =>
  node.type === 'float64' && (TRANSPARENT.includes(node.name) || (node.name === '/' && index === 0));
