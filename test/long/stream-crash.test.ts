// A process that dies while events go to the lake, or when a generation was just filled: what comes after counts each event once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pushTaps, servedTaps, TAPS, tap } from '../e2e/live-taps.ts';
import { plumb, tempProject } from '../e2e/project.ts';
import { until } from '../waiting.ts';
import { plumb as plumbWith } from './plumb-process.ts';

const PLUMB = 'project: shop\nserver: { port: 0 }\n';
const lookedUp = (wanted: unknown) => (rows: unknown) => JSON.stringify(rows) === JSON.stringify(wanted);

test('killed at lake.part_written: the part that no link names counts nowhere', async () => {
  const project = await tempProject({ 'plumb.yaml': PLUMB, 'features/taps.yaml': TAPS });
  assert.equal((await project.plumb('apply')).code, 0);
  const label = { user_id: 7, event_timestamp: new Date().toISOString() };
  await project.write('labels.jsonl', `${JSON.stringify(label)}\n`);
  await project.write('taps.jsonl', [tap(1), tap(2), tap(3)].map((one) => `${JSON.stringify(one)}\n`).join(''));
  assert.equal((await project.plumb('push', 'taps', 'taps.jsonl')).code, 0);
  const argv = ['dataset', 'create', '--service', 'all', '--labels', 'labels.jsonl', '--out', 'out.jsonl'];
  const killed = await plumbWith(project.folder, argv, { env: { PLUMB_FAILPOINT: 'lake.part_written' } });
  assert.equal(killed.signal, 'SIGKILL');
  assert.equal((await plumb(project.folder, argv)).code, 0);
  const { spent__taps, spent__cents } = JSON.parse(await project.read('out.jsonl'));
  assert.deepEqual([spent__taps, spent__cents], [3, 6]);
});

test('killed at stream.filled again and again, then not: served once it is filled, each event once', async () => {
  const project = await tempProject({ 'plumb.yaml': PLUMB, 'features/taps.yaml': TAPS });
  assert.equal((await project.plumb('apply')).code, 0);
  const dying = await project.serve({ PLUMB_FAILPOINT: 'stream.filled' });
  assert.equal((await pushTaps(dying, [tap(1), tap(2), tap(3)]))?.accepted, 3);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.equal(await servedTaps(dying), null);
  await dying.kill();
  const server = await project.serve();
  await until(() => servedTaps(server), lookedUp([[3, 6]]));
  await server.stop();
});
