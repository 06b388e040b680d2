// What a collection removes and what it leaves, on a clock that is moved; each case from an empty store.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { ChangeLog } from '../../../src/access/change-log.ts';
import { Keys } from '../../../src/access/keys.ts';
import { DatasetCatalog } from '../../../src/offline/dataset-catalog.ts';
import { MemoryOnlineStore } from '../../../src/online/memory/memory-online-store.ts';
import type { GcReport } from '../../../src/retention/collector.ts';
import { until } from '../../waiting.ts';
import {
  AgedProject,
  DAY,
  DAY_MILLIS,
  HOUR_MILLIS,
  movedClock,
  POLICY,
  type SourceRow,
  USERS,
} from './aged-project.ts';
import { RecordingStore } from './recording-store.ts';

/** Whole seconds at the end of each case: file systems round the rest. */
const clock = movedClock(Date.parse('2030-01-01T00:00:00Z'));
/** The data is years old, so nothing can be told by comparing it with the clock. */
const T = Date.parse('2021-05-01T00:00:00Z');

const everyUser = (at: (user: number) => number): readonly SourceRow[] =>
  Array.from({ length: USERS }, (_value, user) => ({ user, at: at(user), value: user }));

async function project(): Promise<AgedProject> {
  const aged = await AgedProject.create(new MemoryOnlineStore());
  await aged.apply();
  await aged.add(everyUser((user) => T - user * 12 * HOUR_MILLIS - 1));
  return aged;
}

const removed = ({ removed: all }: GcReport) =>
  Object.fromEntries(all.map(({ kind, name, items }) => [`${kind} ${name}`.trim(), items]));
const statusesOf = async (aged: AgedProject, at: number, view: number) =>
  (await aged.answers(at)).statuses.map((row) => row[view]);
const FRESH = 0;
const KEPT = 1;
const SUMS = 2;

test('a row leaves when the rest of its ttl at T and the grace period have passed, by the clock', async () => {
  await using aged = await project();
  await aged.materialize(T);
  const before = await aged.answers(T);
  clock.pass(DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc()), {});
  // User 5 was stamped 60 h before T: its ttl of 72 h ends 12 h after, and a day later it may go.
  clock.pass(12 * HOUR_MILLIS);
  assert.deepEqual(removed(await aged.gc()), { 'rows fresh': 1 });
  assert.deepEqual(await statusesOf(aged, T, FRESH), [...Array(5).fill('PRESENT'), 'NOT_FOUND']);
  assert.deepEqual((await aged.answers(T)).rows.slice(0, 5), before.rows.slice(0, 5));
  clock.pass(12 * HOUR_MILLIS);
  assert.deepEqual(removed(await aged.gc({ dryRun: true })), { 'rows fresh': 1 });
  assert.deepEqual(removed(await aged.gc()), { 'rows fresh': 1 });
  // Windows of two days end two days after T.
  clock.pass(DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc()), { 'rows fresh': 2 });
  clock.pass(1000);
  assert.deepEqual(removed(await aged.gc()), { 'rows sums': 4 });
  assert.deepEqual(await statusesOf(aged, T, SUMS), Array(USERS).fill('NOT_FOUND'));
  clock.pass(900 * DAY_MILLIS);
  await aged.gc();
  assert.deepEqual(await statusesOf(aged, T, FRESH), Array(USERS).fill('NOT_FOUND'));
  assert.deepEqual(await statusesOf(aged, T, KEPT), Array(USERS).fill('PRESENT'));
});

test('a run that goes on, and a store that is filled again, begin a new life', async () => {
  await using aged = await project();
  await aged.materialize(T);
  clock.pass(10 * DAY_MILLIS);
  await aged.materialize(T, 'from_snapshot');
  assert.equal(removed(await aged.gc())['rows fresh'], USERS, 'the former generation');
  assert.deepEqual(await statusesOf(aged, T, FRESH), Array(USERS).fill('PRESENT'));
  clock.pass(DAY_MILLIS);
  assert.equal(removed(await aged.gc())['rows fresh'], undefined);
  clock.pass(12 * HOUR_MILLIS);
  assert.equal(removed(await aged.gc())['rows fresh'], 1);

  const emptied = new MemoryOnlineStore();
  clock.pass(100 * DAY_MILLIS);
  await aged.materialize(T, 'incremental', emptied);
  const views = ['fresh', 'kept', 'sums'].map((view) => [`run without a snapshot ${view}`, 1]);
  assert.deepEqual(removed(await aged.gc({}, POLICY, { online: emptied })), Object.fromEntries(views));
  assert.deepEqual(
    (await aged.answers(T, emptied)).statuses.map((row) => row[FRESH]),
    Array(USERS).fill('PRESENT'),
  );
});

test('rows whose ttl was over when they were loaded stay for the grace period too, also with an old token', async () => {
  await using aged = await AgedProject.create(new MemoryOnlineStore());
  await aged.apply();
  await aged.add(everyUser((user) => T - user * DAY_MILLIS - 1000));
  await aged.materialize(T);
  clock.pass(100 * DAY_MILLIS);
  const online = new MemoryOnlineStore();
  await aged.materialize(T, 'incremental', online);
  const stale = async () => (await aged.answers(T, online)).statuses.filter(([status]) => status === 'OUTSIDE_MAX_AGE');
  const gc = async () => removed(await aged.gc({}, POLICY, { online }));
  clock.pass(DAY_MILLIS - 1000);
  await gc();
  assert.equal((await stale()).length, 3);
  clock.pass(1000);
  assert.equal((await gc())['rows fresh'], 3);
  assert.equal((await stale()).length, 0);
});

test('a row counts with the run that was the furthest behind the clock: later ones may go through the past faster', async () => {
  await using aged = await AgedProject.create(new MemoryOnlineStore());
  await aged.apply();
  await aged.add(everyUser(() => T - 1000));
  await aged.materialize(T);
  await aged.materialize(T + 5 * DAY_MILLIS);
  clock.pass(4 * DAY_MILLIS - 1000);
  await aged.gc();
  assert.deepEqual(await statusesOf(aged, T, FRESH), Array(USERS).fill('PRESENT'));
  clock.pass(1000);
  assert.equal(removed(await aged.gc())['rows fresh'], USERS);
});

test('tombstones leave once every older run has had a grace period', async () => {
  await using aged = await project();
  await aged.materialize(T);
  // Windows of two days: the events of users 0 to 3 have left them five days later, and nobody has new ones.
  await aged.materialize(T + 5 * DAY_MILLIS);
  clock.pass(DAY_MILLIS - 1);
  assert.equal(removed(await aged.gc())['tombstones sums'], undefined);
  clock.pass(1);
  assert.equal(removed(await aged.gc())['tombstones sums'], 4);
});

test('snapshots stay while they are among the newest, young, in a chain that is needed, or named by the state', async () => {
  await using aged = await project();
  // A chain of four, then a new base that goes live, and failures of which nothing is left but a report.
  for (let run = 0; run < 4; run += 1) {
    await aged.add([{ user: 1, at: T + run * HOUR_MILLIS - 1, value: 100 + run }]);
    await aged.materialize(T + run * HOUR_MILLIS);
    clock.pass(HOUR_MILLIS);
  }
  clock.pass(10 * DAY_MILLIS);
  const chain = removed(await aged.gc());
  assert.deepEqual(
    [chain['snapshot fresh'], chain['snapshot kept'], chain['snapshot sums']],
    [undefined, undefined, 2],
  );
  const answers = await aged.answers(T + 3 * HOUR_MILLIS);
  await aged.materialize(T + 3 * HOUR_MILLIS, 'full');
  await aged.materialize(T + 3 * HOUR_MILLIS, 'full');
  const young = removed(await aged.gc());
  assert.deepEqual(young['snapshot kept'], 4, 'the chain is in nobody’s way, and old');
  clock.pass(10 * DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc())['snapshot kept'], undefined);
  const empty = new MemoryOnlineStore();
  await aged.materialize(T + 3 * HOUR_MILLIS, 'from_snapshot', empty);
  const rebuilt = await aged.answers(T + 3 * HOUR_MILLIS, empty);
  assert.deepEqual(
    rebuilt.rows.map((row) => row[KEPT]),
    answers.rows.map((row) => row[KEPT]),
  );
});

test('of a run that died the parts go, and what stands in place of its manifest stays', async () => {
  await using aged = await project();
  await aged.materialize(T);
  for (const file of ['started.json', 'trace.json', 'part-00000.parquet'])
    await aged.store.put(`views/fresh/00000002/${file}`, Buffer.from('x'));
  await aged.stamp();
  await aged.materialize(T + HOUR_MILLIS);
  clock.pass(DAY_MILLIS - 1);
  assert.equal(removed(await aged.gc())['unreferenced parts fresh'], undefined);
  clock.pass(1);
  assert.equal(removed(await aged.gc())['unreferenced parts fresh'], 1);
  const left = (await aged.files()).filter((key) => key.startsWith('views/fresh/00000002/'));
  const kept = ['manifest.json', 'started.json', 'trace.json'];
  assert.deepEqual(
    left,
    kept.map((file) => `views/fresh/00000002/${file}`),
  );
  clock.pass(30 * DAY_MILLIS);
  await aged.gc();
  assert.deepEqual(
    (await aged.files()).filter((key) => key.startsWith('views/fresh/00000002/')),
    left.slice(0, 1),
  );
  assert.equal(await aged.store.putIfAbsent('views/fresh/00000002/manifest.json', Buffer.from('x')), false);
});

test('a view that no version of the grace period has leaves with its state, its rows and its old snapshots', async () => {
  await using aged = await project();
  await aged.materialize(T);
  await aged.apply(['kept', 'sums']);
  clock.pass(DAY_MILLIS - 1);
  assert.equal(removed(await aged.gc())['serving state fresh'], undefined);
  assert.ok((await aged.online.listStates()).has('fresh'));
  clock.pass(1);
  const gone = removed(await aged.gc());
  assert.deepEqual(
    [gone['serving state fresh'], gone['rows fresh'], gone['generation fresh'], gone['snapshot fresh']],
    [1, USERS, 1, undefined],
  );
  assert.deepEqual([...(await aged.online.listStates()).keys()].toSorted(), ['kept', 'sums']);
  assert.ok(!(await aged.online.listFields()).some((field) => field.startsWith('fresh@')));
  clock.pass(4 * DAY_MILLIS);
  assert.equal(removed(await aged.gc())['snapshot fresh'], 1);
  assert.deepEqual(
    (await aged.files()).filter((key) => key.startsWith('views/fresh/')),
    [],
  );
  assert.deepEqual(await aged.answers(T), { ...(await aged.answers(T)) });
  // It may come back.
  await aged.apply();
  await aged.materialize(T);
  assert.deepEqual(await statusesOf(aged, T, FRESH), Array(USERS).fill('PRESENT'));
});

test('a view that is in training sets only leaves the online store, a grace period later', async () => {
  await using aged = await project();
  await aged.materialize(T);
  await aged.applyOffline('fresh');
  clock.pass(DAY_MILLIS - 1);
  assert.equal(removed(await aged.gc())['serving state fresh'], undefined);
  clock.pass(1);
  const gone = removed(await aged.gc());
  assert.deepEqual([gone['serving state fresh'], gone['rows fresh'], gone['generation fresh']], [1, USERS, 1]);
  assert.deepEqual([...(await aged.online.listStates()).keys()].toSorted(), ['kept', 'sums']);
  await aged.apply();
  await aged.materialize(T);
  assert.deepEqual(await statusesOf(aged, T, FRESH), Array(USERS).fill('PRESENT'));
});

test('a changed view serves its former generation, which keeps its rows and its snapshot', async () => {
  await using aged = await project();
  await aged.materialize(T);
  const before = await aged.answers(T);
  await aged.apply(null, true);
  clock.pass(DAY_MILLIS);
  await aged.gc();
  assert.deepEqual(await aged.answers(T), before);
  const [state] = [...(await aged.online.listFields())].filter((field) => field.startsWith('kept@'));
  await aged.materialize(T);
  await aged.gc();
  assert.ok(!(await aged.online.listFields()).includes(state as string));
});

test('what is live stays, however many later runs failed behind their manifests', async () => {
  const online = new RecordingStore();
  await using aged = await AgedProject.create(online);
  await aged.apply();
  await aged.add(everyUser(() => T - 1000));
  await aged.materialize(T);
  await aged.apply(null, true);
  for (let run = 0; run < 4; run += 1) {
    // Behind its claim, with its first rows.
    online.failRows = true;
    await aged.materialize(T, 'full');
    online.failRows = false;
  }
  clock.pass(10 * DAY_MILLIS);
  const kept = async () => (await aged.answers(T)).rows.map((row) => row[KEPT]);
  const before = await kept();
  assert.equal(removed(await aged.gc())['snapshot kept'], 2, 'of the failed ones');
  const manifests = (await aged.files()).filter((key) => /^views\/kept\/.*manifest/.test(key));
  assert.deepEqual(
    manifests,
    [1, 4, 5].map((run) => `views/kept/0000000${run}/manifest.json`),
  );
  assert.deepEqual(await kept(), before);
});

test('what an emptied store would be filled from stays, also where a definition came back', async () => {
  await using aged = await project();
  await aged.materialize(T);
  await aged.apply(null, true);
  for (let run = 0; run < 3; run += 1) await aged.materialize(T, 'full');
  await aged.apply();
  clock.pass(10 * DAY_MILLIS);
  assert.equal(removed(await aged.gc())['snapshot kept'], 1);
  const manifests = (await aged.files()).filter((key) => /^views\/kept\/.*manifest/.test(key));
  assert.deepEqual(
    manifests,
    [1, 3, 4].map((run) => `views/kept/0000000${run}/manifest.json`),
  );
});

test('datasets: all stay by default; the newest, the kept and the young stay always', async () => {
  await using aged = await project();
  const put = async (version: number): Promise<void> => {
    const folder = `datasets/train/${version.toString().padStart(8, '0')}/`;
    await aged.store.put(`${folder}part-00000.parquet`, Buffer.from('part'));
    await aged.store.put(`${folder}manifest.json`, Buffer.from(JSON.stringify(datasetManifest(version))));
    await aged.stamp();
    clock.pass(DAY_MILLIS);
  };
  for (const version of [1, 2, 3, 4, 5]) await put(version);
  await aged.store.put('datasets/train/00000001/kept.json', Buffer.from('{}'));
  // A build that died, and a part that lost a race.
  await aged.store.put('datasets/train/00000006/part-dead.parquet', Buffer.from('x'));
  await aged.store.put('datasets/train/00000005/part-lost.parquet', Buffer.from('x'));
  await aged.stamp();
  clock.pass(DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc()), { 'unreferenced parts train': 2 });
  const policy = (keep: number | null, maxAgeDays: number | null) => ({
    ...POLICY,
    datasets: { keep, maxAgeMicros: maxAgeDays === null ? null : BigInt(maxAgeDays) * DAY },
  });
  // Their ages: 6, 5, 4, 3 and 2 days.
  assert.deepEqual(removed(await aged.gc({ dryRun: true }, policy(null, 4))), { 'dataset train': 2 });
  assert.deepEqual(removed(await aged.gc({ dryRun: true }, policy(1, null))), { 'dataset train': 3 });
  assert.deepEqual(removed(await aged.gc({}, policy(2, 1))), { 'dataset train': 2 });
  assert.deepEqual(
    (await aged.files()).filter((key) => /^datasets.*manifest/.test(key)),
    [1, 4, 5, 6].map((version) => `datasets/train/0000000${version}/manifest.json`),
  );
  await aged.store.delete(['datasets/train/00000001/kept.json']);
  assert.deepEqual(removed(await aged.gc({}, policy(null, 1))), { 'dataset train': 2 });
});

test('regression: what a collection marked before it died can be kept, and is', async () => {
  await using aged = await project();
  const folder = 'datasets/train/00000001/';
  for (const version of [1, 2]) {
    const at = `datasets/train/0000000${version}/`;
    await aged.store.put(`${at}part-00000.parquet`, Buffer.from('part'));
    await aged.store.put(`${at}manifest.json`, Buffer.from(JSON.stringify(datasetManifest(version))));
  }
  await aged.store.put(`${folder}removing.json`, Buffer.from('{}'));
  await aged.stamp();
  clock.pass(30 * DAY_MILLIS);
  const catalog = new DatasetCatalog(aged.store, { collectedWithinMillis: 0 });
  await assert.rejects(catalog.keep('train', 1, true), { code: 'CONFLICT', message: /is marked to be kept/ });
  const newestOnly = { ...POLICY, datasets: { keep: 1, maxAgeMicros: null } };
  assert.deepEqual(removed(await aged.gc({}, newestOnly)), {});
  assert.deepEqual(
    (await aged.files()).filter((key) => key.startsWith(folder)),
    ['kept.json', 'manifest.json', 'part-00000.parquet'].map((file) => `${folder}${file}`),
  );
  assert.equal((await catalog.keep('train', 1, true)).version, 1);
  await catalog.keep('train', 1, false);
  assert.deepEqual(removed(await aged.gc({}, newestOnly)), { 'dataset train': 1 });
});

test('the mark of a collection that may only stand still stays while it is young: nobody is told that the version is kept', async () => {
  await using aged = await project();
  const folder = 'datasets/train/00000001/';
  await aged.store.put(`${folder}manifest.json`, Buffer.from(JSON.stringify(datasetManifest(1))));
  await aged.store.put(`${folder}removing.json`, Buffer.from('{}'));
  await aged.stamp();
  const catalog = new DatasetCatalog(aged.store, { collectedWithinMillis: 0 });
  const notSure = () => assert.rejects(catalog.keep('train', 1, true), { code: 'CONFLICT' });
  await notSure();
  await aged.gc();
  await notSure();
  clock.pass(30 * DAY_MILLIS);
  await aged.gc();
  assert.equal((await catalog.keep('train', 1, true)).version, 1);
});

test('regression: what a collection began to remove is removed by the next one, though its mark is young', async () => {
  await using aged = await project();
  const folder = 'datasets/train/00000001/';
  await aged.store.put(`${folder}part-00000.parquet`, Buffer.from('part'));
  await aged.stamp();
  clock.pass(30 * DAY_MILLIS);
  await aged.store.put(`${folder}removing.json`, Buffer.from('{}'));
  await aged.store.put(`${folder}kept.json`, Buffer.from('{}'));
  await aged.stamp();
  assert.deepEqual(removed(await aged.gc()), { 'unreferenced parts train': 1 });
  const left = (await aged.files()).filter((key) => key.startsWith(folder));
  assert.deepEqual(left, [`${folder}manifest.json`], 'that its number was given');
});

test('whoever keeps a version that is being removed waits for what becomes of it', async () => {
  await using aged = await project();
  const folder = 'datasets/train/00000001/';
  const manifest = Buffer.from(JSON.stringify(datasetManifest(1)));
  await aged.store.put(`${folder}manifest.json`, manifest);
  const catalog = new DatasetCatalog(aged.store, { collectedWithinMillis: 60_000 });
  const markedThen = async (end: () => Promise<void>) => {
    await aged.store.put(`${folder}removing.json`, Buffer.from('{}'));
    const keeping = catalog.keep('train', 1, true);
    await until(async () => (await aged.store.get(`${folder}kept.json`)) !== null);
    await end();
    return keeping;
  };
  assert.equal((await markedThen(() => aged.store.delete([`${folder}removing.json`]))).version, 1);
  await aged.store.delete([`${folder}kept.json`]);
  const gone = markedThen(() => aged.store.delete([`${folder}manifest.json`]));
  await assert.rejects(gone, { code: 'UNKNOWN_NAME' });
});

test('jobs, uploads, leases and unfinished work leave by their age', async () => {
  await using aged = await project();
  const record = (status: string) => Buffer.from(JSON.stringify({ owner: 's', job: jobOf(status) }));
  await aged.store.put('jobs/m-old.json', record('succeeded'));
  clock.pass(29 * DAY_MILLIS);
  for (const key of [
    'jobs/servers/dead.json',
    'jobs/cancel/dead.x',
    'jobs/d-none.labels.jsonl',
    'leases/dataset.1/00000001.json',
  ])
    await aged.store.put(key, Buffer.from('{}'));
  await aged.store.put('leases/view.fresh/00000001.json', Buffer.from('{}'));
  await aged.stamp();
  assert.deepEqual(removed(await aged.gc()), {});
  clock.pass(DAY_MILLIS);
  const deleted: string[] = [];
  const { store } = aged;
  const remove = store.delete.bind(store);
  store.delete = async (keys) => {
    if (keys.some((key) => key.startsWith('jobs/'))) deleted.push(keys.toSorted().join(' '));
    await remove(keys);
  };
  assert.deepEqual(removed(await aged.gc()), { job: 2, upload: 1, lease: 1 });
  assert.deepEqual(deleted, ['jobs/cancel/dead.x jobs/d-none.labels.jsonl jobs/servers/dead.json'], 'all at once');
  clock.pass(29 * DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc()), { job: 1 });
  assert.deepEqual(
    (await aged.files()).filter((key) => /^(jobs|leases)/.test(key)),
    ['leases/view.fresh/00000001.json'],
  );
});

test('changes leave by their age, and keys when they have ended for so long; those that hold stay', async () => {
  await using aged = await project();
  const keys = new Keys(aged.store);
  const make = (expiresAtMicros: bigint | null) =>
    keys.create({ name: null, role: 'reader', limitedTo: null, expiresAtMicros });
  const [holds, expires, revoked] = [
    await make(null),
    await make(BigInt(clock.now() + DAY_MILLIS) * 1000n),
    await make(null),
  ];
  await keys.revoke(revoked.key.id);
  await (
    await new ChangeLog(aged.store).begin({ by: { key: 'k' }, operation: 'o', target: null, requestId: null })
  ).drop();
  await new ChangeLog(aged.store).begin({ by: { key: 'k' }, operation: 'o', target: null, requestId: null });
  await aged.store.put('keys/notes.txt', Buffer.from('mine'));
  await aged.stamp();
  clock.pass(364 * DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc()), {});
  clock.pass(DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc({ dryRun: true })), { change: 1, key: 1 });
  assert.deepEqual(removed(await aged.gc()), { change: 1, key: 1 });
  clock.pass(DAY_MILLIS);
  assert.deepEqual(removed(await aged.gc()), { key: 1 });
  assert.deepEqual((await keys.list()).keys, [holds.key]);
  assert.ok(expires.key.id !== holds.key.id);
  assert.deepEqual(
    (await aged.files()).filter((key) => /^(keys|audit)/.test(key)),
    [`keys/${holds.key.id}.json`, 'keys/notes.txt'].toSorted(),
  );
});

test('bounded collections go on where they stopped, and end where one that is not bounded ends', async () => {
  const build = async (): Promise<AgedProject> => {
    const aged = await project();
    for (let run = 0; run < 3; run += 1) await aged.materialize(T, 'full');
    await aged.apply(['kept', 'sums']);
    clock.pass(10 * DAY_MILLIS);
    return aged;
  };
  await using whole = await build();
  const all = await whole.gc();
  await using bounded = await build();
  let steps = 0;
  const sum = new Map<string, number>();
  for (let complete = false; !complete; steps += 1) {
    assert.ok(steps < 200, 'it makes no progress');
    const report = await bounded.gc(steps % 2 === 0 ? { limit: 1 } : { maxMillis: 0 });
    assert.equal(report.resumed, steps > 0);
    for (const { kind, name, items } of report.removed)
      sum.set(`${kind} ${name}`, (sum.get(`${kind} ${name}`) ?? 0) + items);
    complete = report.complete;
  }
  assert.ok(steps > 5, `${steps} steps`);
  const names = (files: readonly string[]) => files.filter((key) => !key.startsWith('leases/'));
  assert.deepEqual(names(await bounded.files()), names(await whole.files()));
  assert.deepEqual(
    Object.fromEntries([...sum].toSorted()),
    Object.fromEntries(all.removed.map(({ kind, name, items }) => [`${kind} ${name}`, items] as const).toSorted()),
  );
  assert.deepEqual(await bounded.online.listFields(), await whole.online.listFields());
});

test('a dry run removes nothing, and says what the real one removes', async () => {
  await using aged = await project();
  for (let run = 0; run < 3; run += 1) await aged.materialize(T, 'full');
  clock.pass(10 * DAY_MILLIS);
  const [files, answers] = [await aged.files(), await aged.answers(T)];
  const dry = await aged.gc({ dryRun: true });
  assert.deepEqual([await aged.files(), await aged.answers(T)], [files, answers]);
  assert.deepEqual((await aged.gc()).removed, dry.removed);
  assert.ok(dry.removed.length > 3);
});

test('where nothing is registered, nothing is told to be gone', async () => {
  await using aged = await project();
  await aged.materialize(T);
  await rm(join(aged.storage, 'registry'), { recursive: true });
  clock.pass(900 * DAY_MILLIS);
  await assert.rejects(aged.gc(), (error) => error instanceof PlumbError && error.code === 'NOT_APPLIED');
  assert.equal((await aged.online.listStates()).size, 3);
});

test('a damaged manifest leaves its view alone, and is told', async () => {
  await using aged = await project();
  for (let run = 0; run < 3; run += 1) await aged.materialize(T, 'full');
  await aged.store.put('views/fresh/00000002/manifest.json', Buffer.from('{}'));
  clock.pass(10 * DAY_MILLIS);
  const report = await aged.gc();
  assert.ok(
    report.left.some(
      ({ name, why }) => name === 'fresh' && /views\/fresh\/00000002\/manifest.json is damaged/.test(why),
    ),
  );
  assert.equal(removed(report)['snapshot fresh'], undefined);
  assert.equal(removed(report)['snapshot kept'], 1);
});

const datasetManifest = (version: number) => ({
  kind: 'dataset',
  name: 'train',
  version,
  createdAt: '2030-01-01T00:00:00Z',
  project: 'aged',
  registryVersion: 1,
  service: 's',
  columns: [],
  rows: 1,
  labels: { file: 'l', sha256: '0'.repeat(64), timestampColumn: 't', interval: null },
  sources: [],
  parts: [{ path: 'part-00000.parquet', rows: 1, sizeBytes: 4, sha256: '0'.repeat(64) }],
});
const jobOf = (status: string) => ({ id: 'm-old', status });
