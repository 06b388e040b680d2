import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDuckdbEngine } from './duckdb-engine.ts';

const engine = createDuckdbEngine({ memoryBytes: 2 ** 28, threads: 1 });
const signal = new AbortController().signal;
const ELSEWHERE = 's3://bucket/part-00000.parquet';
const refused = { code: 'NOT_SUPPORTED', message: `found ${ELSEWHERE}, expected a file of this machine (file:///…)` };

test('parts elsewhere are refused before anything is read', async () => {
  const options = { folder: 'file:///tmp', signal };
  await assert.rejects(engine.exportParts([ELSEWHERE], 'file:///tmp/out.csv', options), refused);
  assert.throws(() => engine.readParts([ELSEWHERE], { keys: [], features: [] }, signal), refused);
});
