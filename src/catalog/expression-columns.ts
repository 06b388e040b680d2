// Which columns an expression reads.
import type { ExpressionNode } from './expression.ts';
import { partsOf } from './expression-failure.ts';

/** In the order in which they stand, each as often as it is read. */
export function columnsIn(node: ExpressionNode): readonly string[] {
  return node.kind === 'column' ? [node.name] : partsOf(node).flatMap(columnsIn);
}
