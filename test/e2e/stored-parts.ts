// What lies in the Parquet files of a storage, whatever names them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Rows of Parquet files of the storage that name the user, by file. */
export async function partsNaming(folder: string, user: bigint): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const naming: string[] = [];
  for (const key of await parquetFiles(join(folder, '.plumb'))) {
    const from = `read_parquet('${key}', hive_partitioning = false)`;
    const columns = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)).getRowObjectsJS();
    const named = columns.map(({ column_name }) => String(column_name)).filter((name) => USER_COLUMNS.includes(name));
    for (const name of named) {
      const found = await connection.runAndReadAll(`SELECT 1 FROM ${from} WHERE ${name} = ${user}`);
      if (found.currentRowCount > 0) naming.push(`${key}: ${name}`);
    }
  }
  connection.closeSync();
  instance.closeSync();
  return naming;
}

const USER_COLUMNS = ['user_id', 'friend_id'];

async function parquetFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.parquet'));
  return files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
}
