// Jobs through a real server, with the real engine and LMDB: done, watched, cancelled, killed, queued, found after a crash.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { jobSchema, materializationPageSchema } from '../../../schemas/wire.ts';
import type { DatasetJob, Job, MaterializationJob, MaterializationPage } from '../../../schemas/wire-types.ts';
import {
  answerOf,
  getJob,
  hasEnded,
  is,
  largeProject,
  post,
  refusal,
  untilDead,
  untilTidy,
  waitFor,
  workerOf,
} from '../../e2e/http-client.ts';
import { lookup, tempProject, untilStopped } from '../../e2e/project.ts';
import { SHOP, UNTIL } from '../../e2e/shop.ts';

const LABELS = {
  columns: {
    user_id: [1, 2],
    event_timestamp: ['2026-01-08T00:00:00Z', '2026-01-01T12:00:00Z'],
    bought: [true, false],
  },
};

test('materialize, make a training set, look up: all over HTTP', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  const server = await project.serve();

  const accepted = await post(server.url, '/v1/materializations', { until: UNTIL });
  const queued = await answerOf<MaterializationJob>(accepted, 202);
  assert.equal(accepted.headers.get('location'), `/v1/jobs/${queued.id}`);
  assert.deepEqual(
    [queued.kind, queued.request, queued.result, queued.error],
    ['materialization', { views: null, until: UNTIL, mode: 'incremental' }, null, null],
  );
  const done = (await waitFor(server.url, queued.id, hasEnded)) as MaterializationJob;
  assert.equal(done.status, 'succeeded', JSON.stringify(done));
  assert.deepEqual(
    done.result?.runs.map(({ view, outcome }) => [view, outcome]),
    [
      ['profile', 'succeeded'],
      ['spending', 'succeeded'],
    ],
  );
  assert.ok(done.startedAt !== null && done.finishedAt !== null && done.startedAt <= done.finishedAt);
  jobSchema.parse(done);

  const response = await lookup(server.url, { service: 'ranking', entities: [{ user_id: 1 }], at: UNTIL });
  assert.deepEqual((await answerOf<{ rows: unknown }>(response)).rows, [['US', 9007199254740992, 2, 3.5]]);

  const created = await answerOf<DatasetJob>(
    await post(server.url, '/v1/datasets', { service: 'ranking', name: 'january', labels: LABELS }),
    202,
  );
  const made = await waitFor(server.url, created.id, hasEnded);
  assert.deepEqual(
    [made.status, made.result],
    ['succeeded', { name: 'january', version: 1, rows: 2 }],
    JSON.stringify(made),
  );
  jobSchema.parse(made);
  await untilTidy(project);
  await refusal(await fetch(`${server.url}/v1/materializations/${created.id}`), 'UNKNOWN_NAME');
  assert.equal((await fetch(`${server.url}/v1/jobs/${created.id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await server.stop()).code, 0);

  const again = await project.serve();
  assert.deepEqual(await getJob(again.url, created.id), made, 'a record survives a restart');
  await again.stop();
});

test('two materializations of a view at once: one may fail as CONFLICT, and nothing is mixed', async () => {
  const project = await tempProject({ ...SHOP, 'plumb.yaml': `${SHOP['plumb.yaml']}server: { concurrentJobs: 2 }\n` });
  await project.plumb('apply');
  const server = await project.serve();
  for (let round = 0; round < 2; round++) {
    const wanted = { until: UNTIL, mode: 'full', views: ['profile'] };
    const accepted = await Promise.all([1, 2].map(() => post(server.url, '/v1/materializations', wanted)));
    const ids = await Promise.all(accepted.map((response) => answerOf<Job>(response, 202)));
    const jobs = await Promise.all(ids.map(({ id }) => waitFor(server.url, id, hasEnded)));
    for (const { status, error } of jobs)
      assert.ok(status === 'succeeded' || error?.code === 'CONFLICT', JSON.stringify(error));
    const told = JSON.stringify(jobs);
    assert.ok(!told.includes(hostname()) && !/"pid"|process \d/.test(told), told);
    assert.ok(
      jobs.some(({ status }) => status === 'succeeded'),
      JSON.stringify(jobs),
    );
    const answer = await lookup(server.url, { features: ['profile:*'], entities: [{ user_id: 1 }], at: UNTIL });
    assert.match(await answer.text(), /"rows":\[\["US",9007199254740993\]\]/);
  }
  await server.stop();
});

test('the worker is not for people', async () => {
  const project = await tempProject(SHOP);
  const { code, err } = await project.plumb('job-worker');
  assert.deepEqual([code, err], [2, 'error: job-worker is started by `plumb serve`, not by hand\n']);
});

test('a view that fails makes the job failed, with the code and the words of the view', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  await project.remove('data/clicks.jsonl');
  const server = await project.serve();
  const { id } = await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202);
  const job = (await waitFor(server.url, id, hasEnded)) as MaterializationJob;
  assert.deepEqual([job.status, job.error?.code], ['failed', 'SOURCE_MISMATCH'], JSON.stringify(job));
  assert.match(job.error?.message ?? '', /^1 of 2 views failed; spending: /);
  assert.deepEqual(
    job.result?.runs.map(({ outcome }) => outcome),
    ['succeeded', 'failed'],
  );
  const early = await answerOf<Job>(
    await post(server.url, '/v1/materializations', { until: '2026-01-01T00:00:00Z', views: ['profile'] }),
    202,
  );
  assert.equal((await waitFor(server.url, early.id, hasEnded)).error?.code, 'BEHIND_WATERMARK');
  await server.stop();
});

test('the memory store is filled in the process of the server', async () => {
  const project = await tempProject({ ...SHOP, 'plumb.yaml': 'project: shop\nonline: { kind: memory }\n' });
  await project.plumb('apply');
  const server = await project.serve();
  const { id } = await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202);
  assert.equal((await waitFor(server.url, id, hasEnded)).status, 'succeeded');
  const response = await lookup(server.url, { service: 'ranking', entities: [{ user_id: 2 }], at: UNTIL });
  assert.deepEqual((await answerOf<{ rows: unknown }>(response)).rows, [['DE', 7, 0, null]]);
  await server.stop();
});

test('watched and cancelled in the middle; lookups go on; the next run succeeds', async () => {
  const project = await largeProject();
  // Each worker stands still after its first rows, so that it is met in the middle however slow this process is.
  const server = await project.serve({ PLUMB_FAILPOINT_PAUSE: 'materialize.batch_written' });
  const start = async () =>
    (await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202)).id;
  const id = await start();
  const seen = await waitFor(server.url, id, ({ progress }) => progress !== null);
  assert.equal(seen.progress?.view, 'profile');
  const worker = await workerOf(server.pid);
  await untilStopped(worker);
  const cancel = await fetch(`${server.url}/v1/jobs/${id}`, { method: 'DELETE' });
  assert.equal((await answerOf<Job>(cancel, 202)).status, 'running');
  process.kill(worker, 'SIGCONT');
  const job = await waitFor(server.url, id, hasEnded);
  assert.deepEqual([job.status, job.error?.code, job.result], ['cancelled', 'CANCELLED', null]);
  await untilDead(worker);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  const nextId = await start();
  const nextWorker = await workerOf(server.pid);
  await untilStopped(nextWorker);
  process.kill(nextWorker, 'SIGCONT');
  const next = await waitFor(server.url, nextId, hasEnded);
  assert.equal(next.status, 'succeeded', JSON.stringify(next));
  await server.stop();
});

test('a worker that the system kills fails its job as INTERRUPTED; the server and its next job go on', async () => {
  const project = await largeProject();
  const server = await project.serve();
  const { id } = await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202);
  await waitFor(server.url, id, is('running'));
  process.kill(await workerOf(server.pid), 'SIGKILL');
  const job = await waitFor(server.url, id, hasEnded);
  assert.deepEqual([job.status, job.error?.code], ['failed', 'INTERRUPTED']);
  assert.match(job.error?.message ?? '', /SIGKILL/);
  const again = await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202);
  assert.equal((await waitFor(server.url, again.id, hasEnded)).status, 'succeeded');
  await server.stop();
});

test('a full queue is 429; waiting jobs are cancelled at once; lists go in pages, newest first', async () => {
  const project = await largeProject('{ limits: { queuedJobs: 2 } }');
  const server = await project.serve();
  const ids: string[] = [];
  for (let count = 0; count < 3; count++)
    ids.push((await answerOf<Job>(await post(server.url, '/v1/materializations', { until: UNTIL }), 202)).id);
  const worker = await workerOf(server.pid);
  process.kill(worker, 'SIGSTOP');
  const full = await post(server.url, '/v1/materializations', {});
  assert.equal(full.headers.get('retry-after'), '1');
  assert.deepEqual((await refusal(full, 'TOO_MANY_REQUESTS')).details, { limit: 'queuedJobs', queuedJobs: 2 });
  await refusal(await post(server.url, '/v1/datasets', { service: 'ranking', labels: LABELS }), 'TOO_MANY_REQUESTS');

  const waiting = await fetch(`${server.url}/v1/jobs/${ids[2]}`, { method: 'DELETE' });
  assert.equal((await answerOf<Job>(waiting)).status, 'cancelled');
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /plumb_jobs\{kind="materialization",status="queued"\} 1/);
  assert.match(metrics, /plumb_jobs\{kind="materialization",status="running"\} 1/);
  assert.match(metrics, /plumb_jobs_ended_total\{kind="materialization",status="cancelled"\} 1/);

  const listed: string[] = [];
  let cursor = '';
  do {
    const page = await answerOf<MaterializationPage>(await fetch(`${server.url}/v1/materializations?limit=2${cursor}`));
    materializationPageSchema.parse(page);
    listed.push(...page.materializations.map(({ id }) => id));
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  assert.deepEqual(listed, ids.toReversed());

  const stopped = server.stop();
  process.kill(worker, 'SIGCONT');
  assert.equal((await stopped).code, 0);
  const again = await project.serve();
  for (const id of ids.slice(0, 2)) {
    const job = await getJob(again.url, id);
    assert.deepEqual([job.status, job.error?.message], ['cancelled', 'the server was stopped'], id);
  }
  await untilTidy(project);
  await again.stop();
});
