// Records of runs as others read them, in a folder on disk, with the leases of two processes that share it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../schemas/errors.ts';
import { runDetailsSchema } from '../../schemas/wire.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { viewLease } from '../storage/leases/lease.ts';
import { StorageLeases } from '../storage/leases/storage-leases.ts';
import type { RunReport } from './run.ts';
import { RunHistory } from './run-history.ts';
import { listRuns, placeOfRun, runId } from './run-list.ts';
import { RunRecorder } from './run-recorder.ts';
import { createRunRecords, type RunQuery } from './run-records.ts';
import { forClients } from './run-report.ts';

const UNTIL = '2026-01-08T00:00:00Z';

const blankOf = (view: string): RunReport => ({
  ...{ view, run: '', mode: 'incremental', outcome: 'failed', notice: null, error: null, generation: null },
  ...{ until: UNTIL, startedAt: UNTIL, finishedAt: UNTIL, rowsScanned: 0, rowsWritten: 0, tombstonesWritten: 0 },
  ...{ invalidValues: {}, sourceFiles: { total: 0, scanned: 0, rowGroupsTotal: 0, rowGroupsScanned: 0 } },
});

async function storage() {
  const root = await mkdtemp(join(tmpdir(), 'plumb-run-records-'));
  after(() => rm(root, { recursive: true, force: true }));
  const store = new FileObjectStore({ root });
  const leases = new StorageLeases({ store, termMillis: 60_000 });
  const catalog = {
    ...{ project: 'p', version: 1 },
    ...{ entities: new Map(), sources: new Map(), views: new Map(), services: new Map() },
  };
  const records = createRunRecords({ store, leases, catalog: async () => catalog });
  const open = async (view: string, job?: string) => {
    const lease = await leases.acquire(viewLease(view), { purpose: `materializing ${view}` });
    const history = new RunHistory(store, view);
    const request = { mode: 'incremental' as const, ...(job === undefined ? {} : { job }) };
    const record = new RunRecorder({ history, lease, request, blank: blankOf(view) });
    return { lease, history, record };
  };
  /** A run of the view that does what it is told between its beginning and its end. */
  const run = async (view: string, end: (record: RunRecorder, run: string) => Promise<unknown>): Promise<string> => {
    const { lease, record } = await open(view);
    await using _held = lease;
    const name = String(await record.begin(0n, UNTIL)).padStart(8, '0');
    await end(record, name);
    await sleep(2); // files of one millisecond are told apart by name alone
    return name;
  };
  const succeed = (view: string) => (record: RunRecorder, name: string) =>
    record.succeed({ ...blankOf(view), run: name, outcome: 'succeeded', rowsWritten: 3 });
  const query = (asked: Partial<RunQuery> = {}) =>
    records.page({ view: null, state: null, limit: 100, after: null, ...asked });
  return { store, leases, records, open, run, succeed, query };
}

test('ids of runs and back; what is none', () => {
  assert.deepEqual(placeOfRun(runId({ view: 'a_1', run: '00000012' })), { view: 'a_1', run: '00000012' });
  for (const id of ['', 'a', 'a-1', 'a-0000001', '-00000001', '../x-00000001', 'a/b-00000001', `a-${'1'.repeat(17)}`])
    assert.equal(placeOfRun(id), null, id);
});

test('newest first over all views, in pages, by view and by state', async () => {
  const { run, succeed, query } = await storage();
  await run('clicks', succeed('clicks'));
  await run('profile', (record) => record.fail(new PlumbError('ENGINE_FAILED', 'no')));
  await run('clicks', succeed('clicks'));
  await run('profile', (record) => record.fail(new PlumbError('CANCELLED', 'the work was cancelled')));
  const shown = (await query()).runs.map(({ id, state }) => `${id} ${state}`);
  assert.deepEqual(shown, [
    'profile-00000002 cancelled',
    'clicks-00000002 succeeded',
    'profile-00000001 failed',
    'clicks-00000001 succeeded',
  ]);
  const first = await query({ limit: 3 });
  assert.equal(first.runs.length, 3);
  const second = await query({ limit: 3, after: first.next });
  assert.deepEqual([second.runs.map(({ id }) => id), second.next], [['clicks-00000001'], null]);
  const idsOf = async (asked: Partial<RunQuery>) => (await query(asked)).runs.map(({ id }) => id);
  assert.deepEqual(await idsOf({ view: 'profile' }), ['profile-00000002', 'profile-00000001']);
  assert.deepEqual(await idsOf({ state: 'succeeded' }), ['clicks-00000002', 'clicks-00000001']);
  assert.deepEqual(await idsOf({ state: 'failed', view: 'clicks' }), []);
  const exact = await query({ limit: 4 });
  assert.deepEqual([exact.runs.length, exact.next], [4, null]);
});

test('a view that nobody knows is refused, whatever its name; so is a run', async () => {
  const { query, records, run, succeed } = await storage();
  await run('clicks', succeed('clicks'));
  for (const view of ['nope', '../..', 'a/b', '', 'x'.repeat(2000)])
    await assert.rejects(query({ view }), { code: 'UNKNOWN_NAME' }, view);
  for (const id of ['clicks-00000002', 'nope-00000001', '..', 'clicks', 'x'.repeat(2000)])
    await assert.rejects(records.show(id), { code: 'UNKNOWN_NAME' }, id);
});

test('a run goes on while its lease is held, with phases and log; without it, it was cut off', async () => {
  const { open, records, query } = await storage();
  const { lease, record } = await open('clicks', '20260108093000123-materialization-3fa2b1c4');
  await record.begin(0n, UNTIL);
  await record.trace.phase('compute', async (span) => {
    span.set({ rows: 7 });
    record.trace.log('read 7 rows');
    const { state, job, finishedAt, error, until } = await records.show('clicks-00000001');
    assert.deepEqual([state, finishedAt, error, until], ['running', null, null, UNTIL]);
    assert.equal(job, '20260108093000123-materialization-3fa2b1c4');
    assert.deepEqual((await query({ state: 'running' })).runs.length, 1);
  });
  await lease[Symbol.asyncDispose]();
  const cut = await records.show('clicks-00000001');
  assert.deepEqual([cut.state, cut.error?.code, cut.finishedAt], ['failed', 'INTERRUPTED', null]);
  assert.match(cut.notice ?? '', /run the view again/);
  runDetailsSchema.parse(cut);
});

test('who took the lease over since does not make the former run go on', async () => {
  const { open, records } = await storage();
  const first = await open('clicks');
  await first.record.begin(0n, UNTIL);
  await first.lease[Symbol.asyncDispose]();
  const second = await open('clicks');
  await second.record.begin(0n, UNTIL);
  assert.equal((await records.show('clicks-00000001')).state, 'failed');
  assert.equal((await records.show('clicks-00000002')).state, 'running');
  await second.lease[Symbol.asyncDispose]();
});

test('a failure: in full for operators, without its places for clients; phases and log are kept', async () => {
  const { run, records } = await storage();
  await run('clicks', async (record) => {
    await record.trace.phase('load', async () => {});
    const publicMessage = 'the online store does not answer';
    await record.fail(new PlumbError('STORE_UNAVAILABLE', 'Redis at db7:6379 does not answer', { publicMessage }));
  });
  const shown = await records.show('clicks-00000001');
  assert.equal(shown.notice, 'Redis at db7:6379 does not answer');
  assert.deepEqual(shown.error, { code: 'STORE_UNAVAILABLE', message: 'the online store does not answer' });
  assert.deepEqual(
    shown.phases.map(({ name }) => name),
    ['load'],
  );
  assert.deepEqual(
    shown.log.map(({ level, message }) => [level, message]),
    [['error', 'the online store does not answer']],
  );
  assert.ok(!JSON.stringify(forClients(shown)).includes('db7'));
});

test('a defect is an internal error, without a word of it', async () => {
  const { run, records } = await storage();
  await run('clicks', (record) => record.fail(new Error('redis://user:secret@host')));
  const shown = await records.show('clicks-00000001');
  assert.deepEqual([shown.state, shown.error?.code, shown.notice], ['failed', 'INTERNAL', 'internal error']);
});

test('what failed before it had a number is recorded all the same; what was refused, or called off, is no run', async () => {
  const { open, query, store } = await storage();
  const failAtOnce = async (error: unknown): Promise<RunReport> => {
    const { lease, record } = await open('clicks');
    await using _held = lease;
    return await record.fail(error);
  };
  for (const code of ['BEHIND_WATERMARK', 'NOT_MATERIALIZED', 'CANCELLED'] as const)
    assert.equal((await failAtOnce(new PlumbError(code, 'no'))).run, '');
  assert.deepEqual(await listRuns(store, null), []);
  assert.equal((await failAtOnce(new PlumbError('STORE_UNAVAILABLE', 'away'))).run, '00000001');
  assert.deepEqual(
    (await query()).runs.map(({ state, error }) => [state, error?.code]),
    [['failed', 'STORE_UNAVAILABLE']],
  );
});

test('records of an older version are read: nothing of the request, and no words for clients', async () => {
  const { store, records } = await storage();
  await store.put('views/clicks/00000001/started.json', Buffer.from(`{"startedAt":"${UNTIL}"}`));
  const { error: _, ...report } = { ...blankOf('clicks'), run: '00000001', notice: 'Redis at db7 is away' };
  await store.put('views/clicks/00000001/report.json', Buffer.from(JSON.stringify(report)));
  const shown = await records.show('clicks-00000001');
  assert.deepEqual([shown.state, shown.mode, shown.job, shown.phases], ['failed', 'incremental', null, []]);
  assert.equal(shown.notice, 'Redis at db7 is away');
  assert.equal(forClients(shown).notice, 'the run failed; `plumb status` says why');
});

test('a damaged record keeps no other from being listed', async () => {
  const { store, run, succeed, query, records } = await storage();
  await run('clicks', succeed('clicks'));
  await run('clicks', succeed('clicks'));
  await store.put('views/clicks/00000002/report.json', Buffer.from('{"outcome":'));
  const { runs } = await query();
  assert.deepEqual(
    runs.map(({ id, state, error }) => [id, state, error?.code ?? null]),
    [
      ['clicks-00000002', 'failed', 'STORAGE_CORRUPT'],
      ['clicks-00000001', 'succeeded', null],
    ],
  );
  await assert.rejects(records.show('clicks-00000002'), { code: 'STORAGE_CORRUPT' });
});
