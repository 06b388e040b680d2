import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateFeatures } from './index.ts';

test('a Parquet source without columns is refused for what it is: rows given inline carry no types', async () => {
  const definitions = {
    entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' as const }] }],
    sources: [
      { name: 'clicks', kind: 'batch' as const, path: 'x.parquet', format: 'parquet' as const, timestampColumn: 'ts' },
    ],
    featureViews: [],
    featureServices: [],
  };
  const at = [{ user_id: 1, at: '2026-01-08' }];
  await assert.rejects(
    evaluateFeatures({ definitions, tables: {}, view: 'v', at }),
    /^PlumbError: found no columns of clicks, expected them in the definition of each source/,
  );
});
