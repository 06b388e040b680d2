// The bench of a storage in S3 cannot rot: it runs at a small size, and every command succeeds in every way.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requireOk } from '../../bench/measured-process.ts';

const BENCH = join(import.meta.dirname, '..', '..', 'bench', 'run.ts');

const folder = await mkdtemp(join(tmpdir(), 'plumb-s3-bench-'));
after(() => rm(folder, { recursive: true, force: true }));

test('a storage in S3 is measured against a folder', async () => {
  const results = join(folder, 'results');
  const args = [BENCH, '--quick', '--only', 's3', '--data', join(folder, 'data'), '--results', results];
  await requireOk({ args, cwd: folder, timeoutSeconds: 1200 });
  const [file = ''] = await readdir(results);
  const { raw } = JSON.parse(await readFile(join(results, file), 'utf8')) as { readonly raw: readonly object[] };
  assert.equal(raw.length, 9);
  for (const run of raw) assert.equal('outcome' in run && run.outcome, 'ok', JSON.stringify(run));
  assert.deepEqual(await readdir(join(folder, 'data')), []);
});
