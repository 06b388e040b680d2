import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { fileNameSql } from './file-name.ts';
import { text } from './names.ts';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
after(() => {
  connection.closeSync();
  instance.closeSync();
});

for (const [path, file, shown] of [
  ['data/clicks/**/*.gz', '/home/me/shop/data/clicks/dt=2026-01-01/a.gz', 'data/clicks/dt=2026-01-01/a.gz'],
  ['data/users.csv', '/home/me/shop/data/users.csv', 'data/users.csv'],
  ['./data/{a,b}/*.csv', '/srv/data/a/1.csv', 'data/a/1.csv'],
  ['users.csv', '/home/me/shop/users.csv', 'users.csv'],
  ['/mnt/lake/clicks/*/*.csv', '/mnt/lake/clicks/x/1.csv', 'clicks/x/1.csv'],
  ['../lake/*.csv', '/srv/lake/1.csv', '1.csv'],
  ['s3://bucket/pre.fix/*.parquet', '/tmp/cache/9f/1.parquet', '1.parquet'],
  ["it's/a.b/*.csv", "/srv/it's/a.b/1.csv", "it's/a.b/1.csv"],
] as const) {
  test(`${path}: ${file} is called ${shown}`, async () => {
    const rows = await connection.runAndReadAll(`SELECT ${fileNameSql({ path }, text(file))} AS name`);
    assert.deepEqual(rows.getRowObjectsJson(), [{ name: shown }]);
  });
}
