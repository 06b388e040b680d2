// A plain DuckDB for the benches themselves: to write data and to compare results. Nothing measured runs in it.
import { DuckDBInstance } from '@duckdb/node-api';

type Row = Readonly<Record<string, unknown>>;

export interface Duckdb extends Disposable {
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Row[]>;
}

export async function openDuckdb(settings: Readonly<Record<string, string>> = {}): Promise<Duckdb> {
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  return {
    run: async (sql) => void (await connection.run(sql)),
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[],
    [Symbol.dispose]: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
