// A worker that stands still is noticed and replaced; meanwhile the other one answers, for the whole server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilDead } from '../e2e/http-client.ts';
import { KeptAlive } from '../e2e/keep-alive-load.ts';
import { type RunningServe, tempProject } from '../e2e/project.ts';
import { untilAll } from '../e2e/readiness.ts';
import { SHOP } from '../e2e/shop.ts';
import { pidOfWorker } from '../e2e/worker-pids.ts';
import { until } from '../waiting.ts';

/** A connection to a worker that answers: connections to one that stands still are given up. */
async function answeringConnection({ url }: RunningServe): Promise<KeptAlive> {
  const tried = await Promise.all(Array.from({ length: 24 }, () => KeptAlive.open(url)));
  const first = await Promise.any(tried.map((kept) => kept.ask('GET', '/healthz').then(() => kept)));
  for (const kept of tried) if (kept !== first) kept.close();
  return first;
}

test('a worker that stands still is ended and replaced; the metrics are there meanwhile', async () => {
  const project = await tempProject(SHOP);
  assert.equal((await project.plumb('apply')).code, 0);
  const server = await project.serve({ PLUMB_SERVER_WORKERS: '2' });
  await untilAll(server, /^200/);
  const stuck = await pidOfWorker(server, 1);
  process.kill(stuck, 'SIGSTOP');
  const kept = await answeringConnection(server);
  const metrics = await kept.ask('GET', '/metrics');
  assert.match(metrics.body, /^plumb_workers 2$/m);
  await untilDead(stuck);
  const another = await pidOfWorker(server, 1);
  assert.notEqual(another, stuck);
  await until(async () => /^plumb_worker_ends_total 1$/m.test((await kept.ask('GET', '/metrics')).body));
  kept.close();
  const { code, err } = await server.stop();
  assert.equal(code, 0);
  assert.match(err, /"worker":1,"pid":\d+,"msg":"worker is stuck: no sign of life for 15 s; it is ended"/);
});

test('a worker that stands still while the server ends is killed, and the log says what that cost', async () => {
  const project = await tempProject({ ...SHOP, 'plumb.yaml': 'project: shop\nserver: { drainTimeoutMillis: 100 }\n' });
  assert.equal((await project.plumb('apply')).code, 0);
  const server = await project.serve({ PLUMB_SERVER_WORKERS: '2' });
  const stuck = await pidOfWorker(server, 2);
  process.kill(stuck, 'SIGSTOP');
  const { code, err } = await server.stop();
  await untilDead(stuck);
  assert.equal(code, 0, err);
  assert.match(
    err,
    /"worker":2,"pid":\d+,"msg":"worker did not end in time and is ended: requests that it had are cut off"/,
  );
  assert.doesNotMatch(err, /"worker":1,"pid":\d+,"msg":"worker did not/);
});

test('regression: a worker that takes long to start is not killed for it', async () => {
  const project = await tempProject(SHOP);
  assert.equal((await project.plumb('apply')).code, 0);
  const server = await project.serve({ PLUMB_SERVER_WORKERS: '2' });
  const killed = await pidOfWorker(server, 1);
  process.kill(killed, 'SIGKILL');
  await untilDead(killed);
  const slow = await pidOfWorker(server, 1);
  process.kill(slow, 'SIGSTOP');
  await sleep(17_000);
  process.kill(slow, 'SIGCONT');
  await until(async () => /^plumb_workers 2$/m.test(await (await fetch(`${server.url}/metrics`)).text()));
  assert.equal(await pidOfWorker(server, 1), slow);
  const { code, err } = await server.stop();
  assert.equal(code, 0);
  assert.doesNotMatch(err, /is stuck/);
});
