// Workers that are stuck and servers that die: every job ends, and no place of the queue is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../schemas/wire-types.ts';
import {
  answerOf,
  getJob,
  hasEnded,
  is,
  largeProject,
  post,
  untilDead,
  untilTidy,
  waitFor,
  workerOf,
} from '../e2e/http-client.ts';
import { UNTIL } from '../e2e/shop.ts';

test('a worker that does not listen is killed', async () => {
  const project = await largeProject();
  const server = await project.serve();
  const { id } = await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202);
  await waitFor(server.url, id, is('running'));
  const worker = await workerOf(server.pid);
  process.kill(worker, 'SIGSTOP');
  assert.equal((await fetch(`${server.url}/v1/jobs/${id}`, { method: 'DELETE' })).status, 202);
  assert.equal((await waitFor(server.url, id, hasEnded)).status, 'cancelled');
  await untilDead(worker);
  await server.stop();
});

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

test('a server that is killed: its jobs read as INTERRUPTED after a restart, its worker ends, its uploads go', async () => {
  const project = await largeProject();
  const server = await project.serve();
  const running = await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202);
  await waitFor(server.url, running.id, is('running'));
  const worker = await workerOf(server.pid);
  process.kill(worker, 'SIGSTOP');
  const labels = { columns: { user_id: [1], event_timestamp: [UNTIL] } };
  const queued = await answerOf<Job>(await post(server.url, '/v1/datasets', { service: 'ranking', labels }), 202);
  assert.equal((await project.stored()).filter((path) => path.endsWith('.labels.jsonl')).length, 1);
  const killed = server.kill();
  process.kill(worker, 'SIGCONT'); // it holds the standard error of the server open
  await killed;
  await untilDead(worker);

  const again = await project.serve();
  for (const { id } of [running, queued]) {
    const job = await waitFor(again.url, id, hasEnded);
    assert.deepEqual([job.status, job.error?.code], ['failed', 'INTERRUPTED'], JSON.stringify(job));
  }
  await untilTidy(project);
  const next = await answerOf<Job>(await post(again.url, '/v1/materializations', { until: UNTIL }), 202);
  assert.equal((await waitFor(again.url, next.id, hasEnded)).status, 'succeeded');
  await again.stop();
});

test('another server on the same storage sees a job and can cancel it', async () => {
  const project = await largeProject();
  const owner = await project.serve();
  const other = await project.serve();
  const { id } = await answerOf<Job>(await post(owner.url, '/v1/materializations', { until: UNTIL }), 202);
  const worker = await workerOf(owner.pid);
  process.kill(worker, 'SIGSTOP');
  await waitFor(other.url, id, is('running'));
  assert.equal((await fetch(`${other.url}/v1/jobs/${id}`, { method: 'DELETE' })).status, 202);
  // It stays stopped: awake, it might be done before its server has seen the request to cancel.
  assert.equal((await waitFor(other.url, id, hasEnded)).status, 'cancelled');
  assert.deepEqual(await getJob(owner.url, id), await getJob(other.url, id));
  await Promise.all([owner.stop(), other.stop()]);
});
