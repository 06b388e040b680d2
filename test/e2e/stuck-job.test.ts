// A worker that is stuck: its job fails, and the next one gets its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../schemas/wire-types.ts';
import { answerOf, hasEnded, is, largeProject, post, untilDead, waitFor, workerOf } from './http-client.ts';
import { UNTIL } from './shop.ts';

test('regression: a worker that shows no sign of life is ended, and the queue behind it moves on', async () => {
  const project = await largeProject('{ jobs: { silenceMillis: 8000 } }');
  const server = await project.serve();
  const start = async () =>
    (await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202)).id;
  const id = await start();
  await waitFor(server.url, id, is('running'));
  const worker = await workerOf(server.pid);
  process.kill(worker, 'SIGSTOP');
  const behind = await start();
  const { status, error } = await waitFor(server.url, id, hasEnded);
  assert.deepEqual([status, error?.code], ['failed', 'INTERRUPTED']);
  assert.match(error?.message ?? '', /was stuck: it showed no sign of life for 8 s and was ended/);
  await untilDead(worker);
  assert.equal((await waitFor(server.url, behind, hasEnded)).status, 'succeeded');
  await server.stop();
});
