// What a dialect says about expressions. All SQL it gives is total: it never stops a query. What fails is null, and the
// printer (expression.ts) tells such nulls apart from others.
import type { DataType } from '../../schemas/types.ts';
import type { CallNode, CastNode, FunctionName, LiteralNode } from '../catalog/expression.ts';

/** SQL of one call from the SQL of its arguments, each in brackets where it needs them. */
export type PrintCall = (args: readonly string[], node: CallNode) => string;

/** A record over all names: a forgotten function does not compile. */
export type FunctionPrinters = Readonly<Record<FunctionName, PrintCall>>;

export interface ExpressionDialect {
  readonly functions: FunctionPrinters;
  literal(node: LiteralNode): string;
  nullOf(type: DataType): string;
  /** Null where the value cannot be converted. */
  cast(sql: string, node: CastNode): string;
  /** int64 arithmetic that may overflow: null where it does. `print` is the plain operator over the same arguments. */
  checkedInt64(args: readonly string[], node: CallNode, print: PrintCall): string;
  struct(fields: readonly { readonly name: string; readonly sql: string }[]): string;
  /** NaN and infinities → null, -0 → 0. */
  finite(sql: string): string;
}
