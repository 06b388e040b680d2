// plumb serve with several workers: one server to those who ask, whatever becomes of its processes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, MaterializationJob, RunDetails } from '../../../schemas/wire-types.ts';
import { answerOf, isAlive, post, refusal, untilDead } from '../../e2e/http-client.ts';
import { KeptAlive } from '../../e2e/keep-alive-load.ts';
import { lookup, type RunningServe, type TempProject, tempProject } from '../../e2e/project.ts';
import { areAll, onManyConnections, readiness, untilAll } from '../../e2e/readiness.ts';
import { SHOP, UNTIL } from '../../e2e/shop.ts';
import { pidOfWorker, workersOf } from '../../e2e/worker-pids.ts';
import { until } from '../../waiting.ts';

const TWO = { PLUMB_SERVER_WORKERS: '2' };
const ASK = { service: 'ranking', entities: [{ user_id: 1 }], at: UNTIL };
const BODY = JSON.stringify(ASK);

async function shop(server = '{}'): Promise<TempProject> {
  const file = `project: shop\nengine: { kind: duckdb, threads: 1 }\nserver: ${server}\n`;
  const project = await tempProject({ ...SHOP, 'plumb.yaml': file });
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  return project;
}

/** Series → value, of what only grows. */
async function counted({ url }: Pick<RunningServe, 'url'>): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = lines.map((line): [string, number] => {
    const [name = '', value] = line.split(/ (?=\S+$)/);
    return [name, Number(value)];
  });
  const grows = (name: string): boolean =>
    ['counter', 'histogram'].includes(
      types.get(name.replace(/\{.*/, '')) ?? types.get(name.replace(/_(bucket|sum|count)(\{.*)?$/, '')) ?? '',
    );
  return new Map(series.filter(([name]) => grows(name)));
}

const LOOKUPS = 'plumb_http_request_duration_seconds_count{operation="getOnlineFeatures",status="200"}';

/** Lookups on one connection at a time; one that breaks is opened anew. */
class Client {
  answered = 0;
  broken = 0;
  readonly #url: string;
  #goesOn = true;
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#url = url;
    this.#done = this.#drive();
  }

  async stop(): Promise<void> {
    this.#goesOn = false;
    await this.#done;
  }

  async #drive(): Promise<void> {
    while (this.#goesOn) {
      const kept = await KeptAlive.open(this.#url).catch(() => null);
      if (kept === null || !(await this.#askOn(kept))) this.broken += 1;
      kept?.close();
    }
  }

  /** False where the connection broke. */
  async #askOn(kept: KeptAlive): Promise<boolean> {
    while (this.#goesOn) {
      const answer = await kept.ask('POST', '/v1/online-features', BODY).catch(() => null);
      if (answer === null) return false;
      assert.equal(answer.status, 200, answer.body);
      this.answered += 1;
    }
    return true;
  }
}

test('a worker that is killed under load: its requests are reset, the others are served on, another one takes its place, and counters never go back', async () => {
  const project = await shop();
  const server = await project.serve(TWO);
  const clients = Array.from({ length: 16 }, () => new Client(server.url));
  /** Until each client had some answers more. */
  const untilAnswered = async (): Promise<void> => {
    const before = clients.map(({ answered }) => answered);
    await until(() => clients.every(({ answered }, i) => answered > (before[i] as number) + 10));
  };
  let isWatching = true;
  const seen: ReadonlyMap<string, number>[] = [];
  const watching = (async () => {
    // On a connection that may be the one to break.
    while (isWatching) seen.push(await counted(server).catch(() => new Map()));
  })();
  await untilAnswered();
  await until(() => seen.length > 2);
  const killed = await pidOfWorker(server, 1);
  const before = await counted(server);
  process.kill(killed, 'SIGKILL');
  await untilDead(killed);
  await untilAnswered();
  const broken = clients.map((client) => client.broken);
  assert.ok(broken.includes(0) && broken.some((times) => times > 0), `only those of one worker: ${broken.join(' ')}`);
  const afterwards = await counted(server);
  assert.ok((afterwards.get(LOOKUPS) ?? 0) >= (before.get(LOOKUPS) ?? Infinity), 'what the dead one counted stays');
  assert.notEqual(await pidOfWorker(server, 1), killed);
  await until(async () => /^plumb_workers 2$/m.test(await (await fetch(`${server.url}/metrics`)).text()));
  await untilAnswered();
  assert.deepEqual(
    clients.map((client) => client.broken),
    broken,
    'none breaks while another worker comes',
  );
  await Promise.all(clients.map((client) => client.stop()));
  isWatching = false;
  await watching;
  const told = new Map<string, number>();
  for (const [name, value] of seen.flatMap((one) => [...one])) {
    assert.ok(value >= (told.get(name) ?? 0), `${name} went from ${told.get(name)} to ${value}`);
    told.set(name, value);
  }
  assert.ok(seen.length > 4 && told.size > 50, `${seen.length} looks at ${told.size} series`);
  const { code, err } = await server.stop();
  assert.equal(code, 0);
  assert.match(
    err,
    /"worker":1,"pid":\d+,"pauseMillis":\d+,"msg":"worker was ended by SIGKILL; another one takes its place"/,
  );
  assert.match(err, /"worker":2,"msg":"ready"/);
});

test('all workers killed at once: the server is there again on the same port', async () => {
  const project = await shop();
  const server = await project.serve(TWO);
  const first = [...(await workersOf(server)).values()];
  assert.equal(first.length, 2);
  for (const pid of first) process.kill(pid, 'SIGKILL');
  for (const pid of first) await untilDead(pid);
  await until(() =>
    lookup(server.url, ASK)
      .then((response) => response.status === 200)
      .catch(() => false),
  );
  await until(async () => (await workersOf(server)).size === 2);
  assert.equal((await server.stop()).code, 0);
});

test('one queue of jobs for all workers: its limit, its records, its metrics', async () => {
  const project = await shop('{ limits: { queuedJobs: 1 } }');
  const server = await project.serve(TWO);
  const asked = await onManyConnections(() => post(server.url, '/v1/materializations', { until: UNTIL }));
  const taken = asked.filter(({ status }) => status === 202);
  assert.ok(taken.length >= 2 && taken.length < asked.length, `${taken.length} of ${asked.length}`);
  const job = await answerOf<Job>(taken[0] as Response, 202);
  for (const refused of asked.filter(({ status }) => status !== 202)) await refusal(refused, 'TOO_MANY_REQUESTS');
  const found = await onManyConnections(() => fetch(`${server.url}/v1/jobs/${job.id}`));
  for (const response of found) assert.equal((await answerOf<Job>(response)).id, job.id);
  await refusal(await fetch(`${server.url}/v1/jobs/${job.id.replace(/.$/, 'x')}`), 'UNKNOWN_NAME');
  const ended = /^plumb_jobs_ended_total\{kind="materialization",status="succeeded"\} (\d+)$/m;
  await until(async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(ended.exec(text)?.[1] ?? 0) === taken.length;
  });
  const { result } = await answerOf<MaterializationJob>(await fetch(`${server.url}/v1/jobs/${job.id}`));
  const [run] = result?.runs ?? [];
  const records = await onManyConnections(() => fetch(`${server.url}/v1/runs/${run?.view}-${run?.run}`));
  const shown = await Promise.all(records.map((response) => answerOf<RunDetails>(response)));
  assert.equal(shown[0]?.job, job.id);
  for (const other of shown) assert.deepEqual(other, shown[0]);
  const labels = { columns: { user_id: [1], event_timestamp: [UNTIL] } };
  const dataset = await answerOf<Job>(await post(server.url, '/v1/datasets', { service: 'ranking', labels }), 202);
  await until(
    async () => answerOf<Job>(await fetch(`${server.url}/v1/jobs/${dataset.id}`)),
    ({ status }) => status === 'succeeded',
  );
});

test('until all workers are ready the server is not; told to end it drains as one, and new jobs are refused', async () => {
  const project = await tempProject({ ...SHOP, 'plumb.yaml': 'project: shop\nserver: { drainDelayMillis: 3000 }\n' });
  const server = await project.serve(TWO);
  assert.ok(areAll(/^(503|409) .*NOT_APPLIED/)(await onManyConnections(() => readiness(server))));
  assert.equal((await project.plumb('apply')).code, 0);
  await untilAll(server, /^200/);
  const workers = [...(await workersOf(server)).values()];
  const ended = server.stop();
  await untilAll(server, /^503 .*DRAINING/);
  await refusal(await post(server.url, '/v1/materializations', {}), 'DRAINING');
  const { code, err } = await ended;
  assert.equal(code, 0, err);
  assert.equal(err.split('"draining"').length, 2, 'it is said once');
  assert.ok(workers.every((pid) => !isAlive(pid)));
});

test('a primary that is killed takes its workers with it, and the port is free', async () => {
  const project = await shop();
  const server = await project.serve(TWO);
  const workers = [...(await workersOf(server)).values()];
  const startedMillis = performance.now();
  await server.kill();
  await Promise.all(workers.map(untilDead));
  assert.ok(performance.now() - startedMillis < 10_000);
  await assert.rejects(fetch(`${server.url}/healthz`));
});

test('a port in use is an error at once, also where the other server has workers too', async () => {
  const project = await shop();
  const first = await project.serve(TWO);
  for (const workers of ['1', '2']) {
    const { code, out, err } = await project.plumb('serve', '--port', new URL(first.url).port, '--workers', workers);
    assert.deepEqual([code, out], [1, ''], err);
    assert.match(err, /error: port \d+ on 127\.0\.0\.1 is in use; choose another with --port/);
  }
});

test('several workers are refused with a store that each would have for itself', async () => {
  const project = await tempProject({ ...SHOP, 'plumb.yaml': 'project: shop\nonline: { kind: memory }\n' });
  const { code, err } = await project.plumb('serve', '--port', '0', '--workers', '2');
  assert.equal(code, 2);
  assert.match(err, /server\.workers: found 2 with online\.kind memory, expected 1, or lmdb or redis/);
});

test('workers that die at their start again and again: the server gives up, and says so', async () => {
  const project = await shop();
  await assert.rejects(project.serve({ ...TWO, PLUMB_FAILPOINT: 'serve-worker.start' }), (error: Error) => {
    assert.match(error.message, /^serve ended with 1: /);
    assert.match(
      error.message,
      /error: worker \d ended 5 times in a row before it was ready, and no other one answers/,
    );
    return true;
  });
});

test('what does not pass by itself ends the start with its own words', async () => {
  const project = await tempProject(SHOP);
  assert.equal((await project.plumb('apply')).code, 0);
  await project.write('.plumb/online/data.mdb', 'this is no database, but it is long enough to be looked at');
  const { code, err } = await project.plumb('serve', '--port', '0', '--workers', '2');
  assert.equal(code, 1, err);
  assert.match(err, /error: The online store in .*is damaged or no LMDB database/);
  assert.doesNotMatch(err, /takes its place/);
});

test('the worker is not for people', async () => {
  const project = await shop();
  const { code, err } = await project.plumb('serve-worker', '1');
  assert.equal(code, 2);
  assert.match(err, /serve-worker is started by `plumb serve`, not by hand/);
});
