import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import type { Job, MaterializationRun } from '../../schemas/wire-types.ts';
import { until } from '../../test/waiting.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import type { JobOutcome, JobRunner, JobWork } from './job.ts';
import { kindOfJobId, newJobId } from './job-id.ts';
import { JobRecords } from './job-records.ts';
import type { NewJob } from './job-states.ts';
import { Jobs, type JobsOptions } from './jobs.ts';

const roots: string[] = [];
after(() => Promise.all(roots.map((root) => rm(root, { recursive: true }))));

const DONE: JobOutcome = { result: { name: 'd', version: 1, rows: 2 }, failures: [] };
const AT = '2026-01-01T00:00:00.000000Z';
const silent = { info: () => {}, error: () => {} };
const wanted: NewJob = {
  kind: 'dataset',
  request: { service: 's', name: 'd', timestampColumn: 't' },
  work: {
    kind: 'dataset',
    request: {
      service: 's',
      name: 'd',
      timestampColumn: 't',
      labels: { kind: 'file', path: '/l.csv', timestampUnit: null },
      outPath: null,
    },
  },
  labels: null,
};

const reportOf = (view: string): MaterializationRun => ({
  ...{ view, run: '1', mode: 'full', outcome: 'failed', notice: null, generation: null },
  ...{ until: AT, startedAt: AT, finishedAt: AT, rowsScanned: 0, rowsWritten: 0, tombstonesWritten: 0 },
  invalidValues: {},
  sourceFiles: { total: 0, scanned: 0, rowGroupsTotal: 0, rowGroupsScanned: 0 },
});

const pathOf = (work: JobWork): string =>
  work.kind === 'dataset' && work.request.labels.kind === 'file' ? work.request.labels.path : '';

/** A storage, a runner whose jobs end when the test says so, and servers on them: a fast heart, and none dies by a pause. */
async function world(overrides: Partial<JobsOptions> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'plumb-jobs-'));
  roots.push(root);
  const store = new FileObjectStore({ root });
  const started: { readonly labelsPath: string; finish(outcome: JobOutcome): void; fail(error: unknown): void }[] = [];
  const runner: JobRunner = {
    run: (work, onProgress, signal) =>
      new Promise((finish, fail) => {
        onProgress({ phase: 'computing', view: null, rowsDone: 1, rowsTotal: 2 });
        signal.addEventListener('abort', () => fail(new PlumbError('CANCELLED', 'stopped')));
        started.push({ labelsPath: pathOf(work), finish, fail });
      }),
  };
  const options = { store, runner, concurrentJobs: 1, queuedJobs: 2, logger: silent, heartbeatMillis: 20 };
  const server = (more: Partial<JobsOptions> = {}): Jobs =>
    new Jobs({ ...options, deadAfterMillis: 60_000, ...overrides, ...more });
  return { root, store, records: new JobRecords(store), started, server };
}

const ended = (job: Job): boolean => job.finishedAt !== null;

test('ids sort by time, also within a millisecond, and say their kind', () => {
  const ids = Array.from({ length: 100 }, () => newJobId('dataset', 1_767_865_800_123));
  assert.deepEqual(ids, ids.toSorted());
  assert.match(ids[0] ?? '', /^\d{17}-dataset-[0-9a-f]{8}$/);
  assert.equal(kindOfJobId(newJobId('materialization')), 'materialization');
  for (const id of ['', '../x', '1-dataset-00000000', `${ids[0]}x`]) assert.equal(kindOfJobId(id), null);
});

test('one at a time, in their order; progress and end are seen by another server too', async () => {
  const { server, started } = await world();
  await using jobs = server();
  await using other = server();
  const [first, second] = [await jobs.create(wanted), await jobs.create(wanted)];
  await until(
    () => started.length,
    (count) => count === 1,
  );
  assert.deepEqual([(await jobs.get(first.id)).status, (await jobs.get(second.id)).status], ['running', 'queued']);
  await until(
    () => other.get(first.id),
    ({ progress }) => progress?.rowsDone === 1,
  );
  started[0]?.finish(DONE);
  await until(
    () => started.length,
    (count) => count === 2,
  );
  assert.deepEqual(await until(() => other.get(first.id), ended), await jobs.get(first.id));
  started[1]?.fail(new PlumbError('INVALID_VALUE', 'overflow', { details: { at: 5n } }));
  const failed = await until(() => other.get(second.id), ended);
  assert.deepEqual(
    [failed.status, failed.error],
    ['failed', { code: 'INVALID_VALUE', message: 'overflow', details: { at: '5' } }],
  );
});

/** Holds what a job has done so far until it is told to go on. */
class SlowStore extends FileObjectStore {
  readonly reached = Promise.withResolvers<void>();
  readonly goOn = Promise.withResolvers<void>();

  override async put(key: string, content: Uint8Array): Promise<void> {
    if (/"status":\s*"running".*"rowsDone":\s*1/s.test(Buffer.from(content).toString())) {
      this.reached.resolve();
      await this.goOn.promise;
    }
    await super.put(key, content);
  }
}

test('regression: progress that reaches the storage late does not take the place of the end', async () => {
  const { root, server, started, records } = await world();
  const store = new SlowStore({ root });
  const jobs = server({ store });
  const { id } = await jobs.create(wanted);
  await store.reached.promise;
  started[0]?.finish(DONE);
  await until(() => jobs.get(id), ended);
  await new Promise((resolve) => void setTimeout(resolve, 50));
  store.goOn.resolve();
  await jobs[Symbol.asyncDispose]();
  assert.equal((await records.read(id))?.job.status, 'succeeded');
});

test('a defect is an internal error without its words', async () => {
  const { server, started } = await world();
  await using jobs = server();
  const { id } = await jobs.create(wanted);
  await until(
    () => started.length,
    (count) => count === 1,
  );
  started[0]?.fail(new Error('redis://user:secret@host'));
  const job = await until(() => jobs.get(id), ended);
  assert.deepEqual(job.error, { code: 'INTERNAL', message: 'internal error', details: {} });
});

test('of a failure clients read what may leave the server; where a store is, is logged', async () => {
  const lines: string[] = [];
  const log = (context: object, message: string): void => void lines.push(`${JSON.stringify(context)} ${message}`);
  const { server, started } = await world({ logger: { info: log, error: log } });
  await using jobs = server();
  const away = (view: string) =>
    new PlumbError('STORE_UNAVAILABLE', `the store of ${view} at h:6379 is away`, {
      details: { view },
      privateDetails: { store: 'h:6379' },
      publicMessage: `the store of ${view} is away`,
    });
  const errorOf = async ({ id }: Job) => (await until(() => jobs.get(id), ended)).error;

  const failing = await jobs.create(wanted);
  await until(() => started.length === 1);
  started[0]?.fail(away('v'));
  const expected = { code: 'STORE_UNAVAILABLE', message: 'the store of v is away', details: { view: 'v' } };
  assert.deepEqual(await errorOf(failing), expected);

  const partly = await jobs.create({
    kind: 'materialization',
    request: { views: null, until: AT, mode: 'full' },
    work: { kind: 'materialization', request: { views: null, untilMicros: 0n, isUntilNow: false, mode: 'full' } },
  });
  await until(() => started.length === 2);
  const failures = ['v', 'w'].map((view) => ({ view, error: away(view) }));
  started[1]?.finish({ result: { runs: ['v', 'w', 'x'].map(reportOf) }, failures });
  assert.deepEqual(await errorOf(partly), {
    code: 'STORE_UNAVAILABLE',
    message: '2 of 3 views failed; v: the store of v is away',
    details: { view: 'v', views: ['v', 'w'] },
  });
  const logged = lines.filter((line) => line.includes('h:6379')).map((line) => /"code.*/.exec(line)?.[0]);
  assert.deepEqual(logged, [
    '"code":"STORE_UNAVAILABLE","store":"h:6379"} the store of v at h:6379 is away',
    '"code":"STORE_UNAVAILABLE","store":"h:6379"} the store of v at h:6379 is away',
    '"code":"STORE_UNAVAILABLE","store":"h:6379"} the store of w at h:6379 is away',
  ]);
});

test('a full queue takes nothing; room comes back', async () => {
  const { server, started } = await world();
  await using jobs = server();
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) ids.push((await jobs.create(wanted)).id);
  await assert.rejects(jobs.create(wanted), { code: 'TOO_MANY_REQUESTS' });
  assert.throws(() => jobs.reserve(), { code: 'TOO_MANY_REQUESTS' });
  await until(
    () => started.length,
    (count) => count === 1,
  );
  started[0]?.finish(DONE);
  await until(
    () => started.length,
    (count) => count === 2,
  );
  const both = await Promise.allSettled([jobs.create(wanted), jobs.create(wanted)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
    'two at once do not share one place',
  );
});

test('regression: uploads under way have the places of the jobs that they become', async () => {
  const { server, started } = await world();
  await using jobs = server();
  const places = [jobs.reserve(), jobs.reserve(), jobs.reserve()];
  assert.throws(() => jobs.reserve(), { code: 'TOO_MANY_REQUESTS' });
  await assert.rejects(jobs.create(wanted), { code: 'TOO_MANY_REQUESTS' });
  await jobs.create(wanted, places[0]);
  places[0]?.[Symbol.dispose]();
  assert.throws(() => jobs.reserve(), { code: 'TOO_MANY_REQUESTS' }, 'the job has the place');
  places[1]?.[Symbol.dispose]();
  jobs.reserve();
  await until(
    () => started.length,
    (count) => count === 1,
  );
});

test('cancelled while it waits, while it runs, and by another server; a job that has ended stays as it is', async () => {
  const { server, started, records } = await world();
  await using jobs = server();
  await using other = server();
  const [running, waiting, remote] = [await jobs.create(wanted), await jobs.create(wanted), await jobs.create(wanted)];
  await until(
    () => started.length,
    (count) => count === 1,
  );
  assert.equal((await jobs.cancel(waiting.id)).status, 'cancelled');
  assert.equal((await other.cancel(remote.id)).status, 'queued');
  assert.equal((await until(() => other.get(remote.id), ended)).status, 'cancelled');
  await jobs.cancel(running.id);
  const job = await until(() => jobs.get(running.id), ended);
  assert.deepEqual([job.status, job.error?.message], ['cancelled', 'the job was cancelled']);
  assert.deepEqual(await jobs.cancel(running.id), job);
  assert.equal(started.length, 1, 'those that waited never ran');
  await until(
    () => records.servers(),
    (servers) => servers.length === 0,
  );
});

test('a stop cancels what runs and waits, records it, and takes no more', async () => {
  const { server, started, records } = await world();
  const jobs = server();
  const ids = [await jobs.create(wanted), await jobs.create(wanted)].map(({ id }) => id);
  await until(
    () => started.length,
    (count) => count === 1,
  );
  await jobs[Symbol.asyncDispose]();
  for (const { job } of await records.readAll(ids))
    assert.deepEqual([job.status, job.error?.message], ['cancelled', 'the server was stopped']);
  assert.deepEqual(await records.servers(), []);
  await assert.rejects(jobs.create(wanted), { code: 'DRAINING' });
});

test('jobs of a server that gives no sign of life read as INTERRUPTED; the next one writes it and removes uploads', async () => {
  const deadAfterMillis = 2_000;
  const { server, records, root, store } = await world({ deadAfterMillis });
  const owner = 'dead-server';
  const labels = join(root, 'labels.arrow');
  await writeFile(labels, 'x');
  const id = newJobId('dataset');
  await records.keepLabels(id, labels, '.arrow');
  await using jobs = server();
  const { job } = { job: { ...(await jobs.create(wanted)), id } };
  await records.write({ owner, job });
  await records.beat(owner, Date.now());
  await records.askToCancel({ owner, job });
  assert.equal((await jobs.get(id)).status, 'queued', 'while it is alive');
  await records.beat(owner, Date.now() - 2 * deadAfterMillis);
  const dead = await until(() => jobs.get(id), ended);
  assert.deepEqual([dead.status, dead.error?.code], ['failed', 'INTERRUPTED']);
  await until(
    () => records.read(id),
    (record) => record?.job.status === 'failed',
  );
  const left = async () =>
    (await store.list('jobs/')).map(({ key }) => key).filter((key) => /arrow|cancel|dead/.test(key));
  await until(left, (keys) => keys.length === 0);
});

test('uploaded labels are there for the runner, and gone afterwards', async () => {
  const { server, started, root, store } = await world();
  await using jobs = server();
  const localPath = join(root, 'upload');
  await writeFile(localPath, 'labels');
  const { id } = await jobs.create({ ...wanted, labels: { localPath, ending: '.jsonl' } });
  await until(
    () => started.length,
    (count) => count === 1,
  );
  assert.equal(started[0]?.labelsPath, join(root, `jobs/${id}.labels.jsonl`));
  started[0]?.finish(DONE);
  await until(() => jobs.get(id), ended);
  await until(
    () => store.list('jobs/'),
    (objects) => objects.length === 1,
  );
});

test('the newest 1,000 records are kept, and what has not ended', async () => {
  const { server, records } = await world();
  await using jobs = server();
  const template = { ...(await jobs.create(wanted)), status: 'succeeded' as const };
  const old = Array.from({ length: 1003 }, (_, i) => newJobId('dataset', 1_000_000 + i));
  await Promise.all(
    old.map((id, i) =>
      records.write({ owner: 'x', job: { ...template, id, status: i === 0 ? 'running' : 'succeeded' } as Job }),
    ),
  );
  await records.prune();
  const kept = new Set(await records.ids(null));
  assert.equal(kept.size, 1002, 'two that have not ended are older');
  assert.deepEqual(
    old.filter((id) => !kept.has(id)),
    old.slice(1, 3),
  );
});

test('pages, newest first', async () => {
  const { server } = await world({ queuedJobs: 10 });
  await using jobs = server();
  const ids: string[] = [];
  for (let count = 0; count < 5; count++) ids.unshift((await jobs.create(wanted)).id);
  const first = await jobs.page('dataset', 3, null);
  const second = await jobs.page('dataset', 3, first.jobs.at(-1)?.id ?? null);
  assert.deepEqual(
    [...first.jobs, ...second.jobs].map(({ id }) => id),
    ids,
  );
  assert.deepEqual([first.hasMore, second.hasMore], [true, false]);
  assert.deepEqual(await jobs.page('materialization', 3, null), { jobs: [], hasMore: false });
});
