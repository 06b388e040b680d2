// Compiles expressions and runs them in a DuckDB of its own over rows given inline.
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DataType, Value } from '../../schemas/types.ts';
import type { Expression, ExpressionCompiler, ExpressionResult } from '../../src/catalog/expression.ts';
import { createDuckdbExpressionCompiler } from '../../src/offline/duckdb/expression-compiler.ts';
import { printFallible } from '../../src/sql/duckdb/expression.ts';
import { ident, text, typeName } from '../../src/sql/duckdb/names.ts';
import { FAILED, type Outcome } from './reference-outcome.ts';

export type Columns = ReadonlyMap<string, DataType>;

/** Runs expressions in one engine. */
export interface ExpressionBench extends Disposable {
  /** In place of one of that name. Rows in order, under `position`. */
  createTable(name: string, columns: Columns, rows: readonly (readonly Value[])[]): Promise<void>;
  /** One outcome per row of the table for each of the expressions, all computed in one query. */
  evaluate(expressions: readonly Expression[], table: string): Promise<readonly (readonly Outcome[])[]>;
}

export class DuckdbBench implements ExpressionBench {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly compiler: ExpressionCompiler;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
    this.compiler = createDuckdbExpressionCompiler(async (sql, params) => {
      const reader = await connection.runAndReadAll(sql, [...params]);
      return reader.getRowObjectsJS();
    });
  }

  static async open(): Promise<DuckdbBench> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    return new DuckdbBench(instance, await instance.connect());
  }

  async compile(sql: string, columns: Columns = new Map()): Promise<ExpressionResult> {
    return (await this.compiler.compile([{ sql, columns }]))[0] as ExpressionResult;
  }

  async createTable(name: string, columns: Columns, rows: readonly (readonly Value[])[]): Promise<void> {
    const types = [...columns].map(([column, type]) => `${ident(column)} ${typeName(type)}`);
    await this.#connection.run(`CREATE OR REPLACE TABLE ${ident(name)} (position INTEGER, ${types.join(', ')})`);
    if (rows.length === 0) return;
    const sqlTypes = [...columns.values()];
    const values = rows.map(
      (row, i) => `(${[`${i}`, ...row.map((value, at) => sqlOf(value, sqlTypes[at]))].join(', ')})`,
    );
    await this.#connection.run(`INSERT INTO ${ident(name)} VALUES ${values.join(', ')}`);
  }

  async evaluate(expressions: readonly Expression[], table: string): Promise<readonly (readonly Outcome[])[]> {
    const items = expressions.flatMap((expression, i) => {
      const { value, failed } = printFallible(expression, ident);
      return [`${comparableSql(value, expression.type)} AS v${i}`, `${failed ?? 'FALSE'} AS f${i}`];
    });
    const reader = await this.#connection.runAndReadAll(
      `SELECT ${items.join(',\n')} FROM ${ident(table)} ORDER BY position`,
    );
    const columns = reader.getColumnsJS();
    return expressions.map((_, i) =>
      (columns[2 * i] ?? []).map((value, row) => outcome(value, columns[2 * i + 1]?.[row])),
    );
  }

  [Symbol.dispose](): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** The value of a failed expression must be null, and the flag never. */
function outcome(value: unknown, failed: unknown): Outcome {
  if (typeof failed !== 'boolean') throw new Error(`failed is ${String(failed)}`);
  if (failed && value !== null) throw new Error('a failed expression has a value');
  return failed ? FAILED : (value as Outcome);
}

const comparableSql = (sql: string, type: DataType): string => (type === 'timestamp' ? `epoch_us(${sql})` : sql);

function sqlOf(value: Value, type: DataType | undefined): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return `CAST('${Object.is(value, -0) ? 0 : value}' AS DOUBLE)`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `${type === 'timestamp' ? 'make_timestamp' : ''}(CAST(${value} AS BIGINT))`;
  throw new Error('no lists or bytes here');
}
