// The typed tree of a scalar expression: what remains of the user's SQL once it passed the allow-list. Dialects print
// this tree, never the user's text. Engine-free. `typing/` builds it; docs/reference/expressions.md says what each node means.
import type { DataType } from '../../schemas/types.ts';

/** An expression with its inferred type. */
export interface Expression {
  /** The text as the user wrote it (for errors and `describe`); for a plain column, the column's name. */
  readonly sql: string;
  readonly type: DataType;
  readonly tree: ExpressionNode;
  /** True where evaluation can fail on a row: int64 overflow or a CAST (typing/failure.ts). */
  readonly canFail: boolean;
}

export type ExpressionNode = ColumnNode | LiteralNode | CallNode | CastNode | CaseNode | InNode | StructNode;

interface Typed {
  /** 'null' only for a bare NULL literal. */
  readonly type: DataType | 'null';
}

export interface ColumnNode extends Typed {
  readonly kind: 'column';
  readonly name: string;
}

export interface LiteralNode extends Typed {
  readonly kind: 'literal';
  readonly value: boolean | number | bigint | string | null;
}

/** Operators and functions alike; arguments already carry the casts that the types ask for. */
export interface CallNode extends Typed {
  readonly kind: 'call';
  readonly name: FunctionName;
  readonly args: readonly ExpressionNode[];
}

export interface CastNode extends Typed {
  readonly kind: 'cast';
  readonly arg: ExpressionNode;
}

export interface CaseNode extends Typed {
  readonly kind: 'case';
  readonly branches: readonly { readonly when: ExpressionNode; readonly value: ExpressionNode }[];
  readonly otherwise: ExpressionNode | null;
}

export interface InNode extends Typed {
  readonly kind: 'in';
  readonly arg: ExpressionNode;
  readonly list: readonly ExpressionNode[];
  readonly negated: boolean;
}

/** Several values as one. No user writes it: it is what an aggregate of whole rows reads. */
export interface StructNode extends Typed {
  readonly kind: 'struct';
  readonly fields: readonly { readonly name: string; readonly value: ExpressionNode }[];
}

/** Of the columns that an aggregate of whole rows reads; null where the expression is none of these. */
export const columnsOfRow = ({ tree }: Expression): readonly string[] | null =>
  tree.kind === 'struct' ? tree.fields.map(({ name }) => name) : null;

export const FUNCTION_NAMES = [
  '+',
  '-',
  '*',
  '/',
  '%',
  'negate',
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'between',
  'and',
  'or',
  'not',
  'is_null',
  'is_not_null',
  'coalesce',
  'nullif',
  'abs',
  'sign',
  'round',
  'floor',
  'ceil',
  'least',
  'greatest',
  'sqrt',
  'ln',
  'log2',
  'log10',
  'exp',
  'pow',
  'length',
  'lower',
  'upper',
  'trim',
  'substr',
  'concat',
  '||',
  'starts_with',
  'contains',
  'date_trunc',
  'date_part',
  'epoch',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/**
 * Turns the text of expressions into typed trees; a port, because parsing SQL is an engine's work.
 * Batch-only; the answer is in the order of the requests. Mistakes are values, so that all can be reported at once.
 */
export interface ExpressionCompiler {
  compile(requests: readonly ExpressionRequest[]): Promise<readonly ExpressionResult[]>;
}

export interface ExpressionRequest {
  readonly sql: string;
  readonly columns: ReadonlyMap<string, DataType>;
}

export type ExpressionResult =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly mistake: ExpressionMistake };

export interface ExpressionMistake {
  /** What was found, e.g. "unknown column `prise`" or "function read_csv is not allowed". */
  readonly found: string;
  readonly expected: string;
  /** The nearest valid name, where one is near. */
  readonly nearest: string | null;
}

/** The same value in a wider type, where the expression's own is narrower (int32 → int64, int → float64, …). */
export const widenedTo = (expression: Expression, type: Expression['type']): Expression =>
  expression.type === type ? expression : { ...expression, type, tree: { kind: 'cast', type, arg: expression.tree } };
