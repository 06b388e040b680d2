// Writes a small Parquet file from a SELECT.
import { DuckDBInstance } from '@duckdb/node-api';

export async function writeParquetFile(path: string, select: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}
