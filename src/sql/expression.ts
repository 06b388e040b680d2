// Typed tree → SQL. Complete for every node and function; a dialect brings literals, casts and what it computes in its
// own way. Every text stands in brackets where it could be torn apart, so nothing here knows of precedence.

import { PlumbError } from '../../schemas/errors.ts';
import type { DataType } from '../../schemas/types.ts';
import type { CallNode, CaseNode, Expression, ExpressionNode } from '../catalog/expression.ts';
import { canFail, failsItself } from '../catalog/expression-failure.ts';
import type { ExpressionDialect } from './expression-dialect.ts';
import { needsFinite, passesNonFinite, strictness } from './expression-strictness.ts';

export interface FallibleSql {
  /** Null where the expression is null or fails. */
  readonly value: string;
  /** TRUE where it fails, else FALSE, never null; null for an expression that cannot fail. */
  readonly failed: string | null;
}

const MAX_SQL_LENGTH = 100_000;

/** Prints one expression; `column` gives the SQL of a column. Each node's text is made once. */
export class ExpressionPrinter {
  readonly #dialect: ExpressionDialect;
  readonly #column: (name: string) => string;
  readonly #values = new Map<ExpressionNode, string>();
  readonly #failures = new Map<ExpressionNode, string | null>();

  constructor(dialect: ExpressionDialect, column: (name: string) => string) {
    this.#dialect = dialect;
    this.#column = column;
  }

  print({ tree }: Expression): FallibleSql {
    return { value: this.value(tree), failed: this.failed(tree) };
  }

  value(node: ExpressionNode): string {
    return remembered(this.#values, node, () => this.#valueOf(node));
  }

  /** The condition under which the node fails; null where it cannot. */
  failed(node: ExpressionNode): string | null {
    return remembered(this.#failures, node, () => (canFail(node) ? this.#failureOf(node) : null));
  }

  #valueOf(node: ExpressionNode): string {
    switch (node.kind) {
      case 'column':
        return this.#column(node.name);
      case 'literal':
        return this.#dialect.literal(node);
      case 'cast':
        return this.#dialect.cast(this.value(node.arg), node);
      case 'in':
        return `(${this.value(node.arg)} ${node.negated ? 'NOT IN' : 'IN'} (${node.list.map((item) => this.value(item)).join(', ')}))`;
      case 'case':
        return this.#caseOf(node, (result) => this.value(result), this.#dialect.nullOf(node.type as DataType));
      case 'struct':
        return this.#dialect.struct(node.fields.map(({ name, value }) => ({ name, sql: this.value(value) })));
      case 'call':
        return this.#callOf(node);
    }
  }

  #callOf(node: CallNode): string {
    if (node.name === 'coalesce' && node.args.some(canFail))
      return this.#coalesceOf(node, (arg) => this.value(arg), this.#dialect.nullOf(node.type as DataType), 'NULL');
    const sql = needsFinite(node) ? this.#dialect.finite(this.#raw(node)) : this.#raw(node);
    const failures = strictness(node) === 'absorbing' ? this.#failuresOf(node.args) : [];
    return failures.length === 0 ? sql : `CASE WHEN NOT (${failures.join(' OR ')}) THEN ${sql} END`;
  }

  /** A float may not be finite. */
  #raw(node: CallNode): string {
    const args = node.args.map((arg, i) =>
      passesNonFinite(node, i) && needsFinite(arg) ? this.#raw(arg) : this.value(arg),
    );
    const print = this.#dialect.functions[node.name];
    return failsItself(node) ? this.#dialect.checkedInt64(args, node, print) : print(args, node);
  }

  #failureOf(node: ExpressionNode): string {
    if (node.kind === 'case') return this.#caseOf(node, (result) => this.failed(result) ?? 'FALSE', 'TRUE');
    if (node.kind === 'in') return this.failed(node.arg) ?? 'FALSE';
    if (node.kind === 'call' && strictness(node) !== 'preserving') return this.#callFailure(node);
    const conditions = this.#leaves(node).map((leaf) => this.#presentOrFailed(leaf));
    return `(${[`${this.value(node)} IS NULL`, ...conditions].join(' AND ')})`;
  }

  #callFailure(node: CallNode): string {
    const failures = this.#failuresOf(node.args).join(' OR ');
    if (node.name === 'coalesce') return this.#coalesceOf(node, () => 'FALSE', 'TRUE', 'FALSE');
    switch (strictness(node)) {
      case 'absorbing':
        return `(${failures})`;
      case 'deciding':
        return `(${this.value(node)} IS NULL AND (${failures}))`;
      default: {
        const present = node.args.filter((arg) => !isKnown(arg)).map((arg) => this.#presentOrFailed(arg));
        return `((${failures}) AND ${present.join(' AND ')})`;
      }
    }
  }

  /** What a chain of preserving nodes is computed from: it is null without having failed only where one of these is. */
  #leaves(node: ExpressionNode): readonly ExpressionNode[] {
    const args = node.kind === 'call' ? node.args : node.kind === 'cast' ? [node.arg] : [];
    return args.flatMap((arg) => (isPreserving(arg) && canFail(arg) ? this.#leaves(arg) : isKnown(arg) ? [] : [arg]));
  }

  #presentOrFailed(node: ExpressionNode): string {
    const failed = this.failed(node);
    return failed === null ? `${this.value(node)} IS NOT NULL` : `(${this.value(node)} IS NOT NULL OR ${failed})`;
  }

  #failuresOf(nodes: readonly ExpressionNode[]): readonly string[] {
    return nodes.map((node) => this.failed(node)).filter((sql) => sql !== null);
  }

  /** The first argument that is not null, unless one before it fails. */
  #coalesceOf(node: CallNode, result: (arg: ExpressionNode) => string, onFailure: string, onNull: string): string {
    const branches = node.args.flatMap((arg) => {
      const failed = this.failed(arg);
      const branch = `WHEN ${this.value(arg)} IS NOT NULL THEN ${result(arg)}`;
      return failed === null ? [branch] : [`WHEN ${failed} THEN ${onFailure}`, branch];
    });
    return `CASE ${branches.join(' ')} ELSE ${onNull} END`;
  }

  /** Branches in order; one whose condition fails is `onFailure`. */
  #caseOf(node: CaseNode, print: (result: ExpressionNode) => string, onFailure: string): string {
    const branches = node.branches.flatMap(({ when, value }) => {
      const failed = this.failed(when);
      const branch = `WHEN ${this.value(when)} THEN ${print(value)}`;
      return failed === null ? [branch] : [`WHEN ${failed} THEN ${onFailure}`, branch];
    });
    const otherwise = node.otherwise === null ? '' : ` ELSE ${print(node.otherwise)}`;
    return `CASE ${branches.join(' ')}${otherwise} END`;
  }
}

/** A literal that is not NULL. */
const isKnown = (node: ExpressionNode): boolean => node.kind === 'literal' && node.value !== null;

const isPreserving = (node: ExpressionNode): boolean =>
  node.kind === 'cast' || (node.kind === 'call' && strictness(node) === 'preserving');

function remembered<T extends string | null>(known: Map<ExpressionNode, T>, node: ExpressionNode, print: () => T): T {
  const before = known.get(node);
  if (before !== undefined) return before;
  const sql = print();
  if (sql !== null && sql.length > MAX_SQL_LENGTH)
    throw new PlumbError(
      'TOO_LARGE',
      `an expression becomes more than ${MAX_SQL_LENGTH} characters of SQL: take it apart`,
    );
  known.set(node, sql);
  return sql;
}
