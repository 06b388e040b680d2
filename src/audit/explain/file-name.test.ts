import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNameFor } from './file-name.ts';

test('a file is named as the project names it, and an absolute one below the folder of its source', () => {
  const cases = [
    ['data/clicks/*.parquet', 'data/clicks/a.parquet', 'data/clicks/a.parquet'],
    ['s3://bucket/clicks/*.parquet', 's3://bucket/clicks/a.parquet', 's3://bucket/clicks/a.parquet'],
    ['/srv/secret/clicks/**/*.csv', '/srv/secret/clicks/dt=1/a.csv', 'clicks/dt=1/a.csv'],
    ['/srv/secret/clicks/a.csv', '/srv/secret/clicks/a.csv', 'clicks/a.csv'],
    ['/srv/{x,y}/*.csv', '/srv/x/a.csv', 'srv/x/a.csv'],
    ['/*.csv', '/a.csv', 'a.csv'],
    ['/a/../b/*.csv', '/b/x.csv', 'x.csv'],
  ] as const;
  for (const [source, path, name] of cases) assert.equal(fileNameFor(source, path), name, source);
});
