// The runs of a view as its folder keeps them, on disk.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PlumbError } from '../../schemas/errors.ts';
import { rowView } from '../../test/support/fake-world.ts';
import { manifestOf } from '../../test/support/run-manifests.ts';
import { writeManifest } from '../offline/manifest.ts';
import { type RunManifest, runFolder, runFolderName } from '../offline/manifest-run.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { RunHistory } from './run-history.ts';
import { emptyReport } from './run-report.ts';

const VIEW = rowView('clicks', { user: 'int64' }, []);
const STARTED = { startedAt: '2026-01-08T00:00:00Z' };
const REPORT = emptyReport({ view: VIEW, boundTo: [] }, { untilMicros: 0n, mode: 'full' }, STARTED.startedAt);

async function world() {
  const root = await mkdtemp(join(tmpdir(), 'plumb-run-history-'));
  after(() => rm(root, { recursive: true, force: true }));
  const store = new FileObjectStore({ root });
  const history = new RunHistory(store, VIEW.name);
  const commit = (token: number, rest: Partial<RunManifest> = {}): Promise<boolean> =>
    writeManifest(store, runFolder(VIEW.name, runFolderName(token)), manifestOf(VIEW.name, token, rest));
  return { store, history, commit };
}

test('numbers go up, above what the online store has seen, and no two runs get the same', async () => {
  const { history, store } = await world();
  assert.equal(await history.begin(STARTED, 0n), 1);
  assert.equal(await history.begin(STARTED, 7n), 8);
  const others = Array.from({ length: 5 }, () => new RunHistory(store, VIEW.name).begin(STARTED, 0n));
  assert.deepEqual(
    (await Promise.all(others)).toSorted((a, b) => a - b),
    [9, 10, 11, 12, 13],
  );
});

test('a run that was ended by a later one cannot commit; one that has committed is not ended', async () => {
  const { history, commit } = await world();
  const first = await history.begin(STARTED, 0n);
  assert.equal(await commit(first), true);
  const second = await history.begin(STARTED, 0n);
  await history.abandonUnfinished();
  assert.equal(await commit(second), false);
  await assert.rejects(history.commitRepublished(runFolderName(second)), { code: 'CONFLICT' });
  assert.equal((await history.findManifest(runFolderName(first)))?.token, first);
  assert.equal(await history.findManifest(runFolderName(second)), null);
});

test('the newest manifest of a definition; runs that were ended and those of other definitions are passed over', async () => {
  const { history, commit } = await world();
  assert.equal(await history.newestManifest(VIEW.fingerprint), null);
  await commit(1);
  await commit(2);
  await commit(3, { fingerprint: 'another' });
  await history.begin(STARTED, 3n);
  await history.abandonUnfinished();
  assert.equal((await history.newestManifest(VIEW.fingerprint))?.token, 2);
  assert.equal((await history.newestManifest('another'))?.token, 3);
});

test('a manifest that is needed and gone, and parts that are gone, are told with what mends them', async () => {
  const { history, commit } = await world();
  await assert.rejects(history.manifest('00000001'), {
    code: 'STORAGE_CORRUPT',
    message: /plumb materialize clicks --full/,
  });
  const part = { path: 'part-0.parquet', rows: 3, sizeBytes: 10, sha256: '0'.repeat(64) };
  await commit(1, { parts: [part], rows: 3 });
  const manifest = await history.manifest('00000001');
  const missing = await history.missingParts('00000001');
  assert.equal(missing.length, 1);
  assert.match(missing[0] ?? '', /part-0\.parquet.*plumb materialize clicks --full/);
  for (const reading of [history.partUris(manifest, manifest.parts), history.verifyChain(manifest)])
    await assert.rejects(reading, { code: 'STORAGE_CORRUPT' });
});

test('the last reports, newest first; a damaged one is told, and keeps no other from being shown', async () => {
  const { history, store } = await world();
  for (const token of [1, 2, 3])
    await history.writeReport({ ...REPORT, run: runFolderName(token), outcome: 'succeeded' });
  await store.put('views/clicks/00000002/report.json', Buffer.from('{'));
  const damaged: PlumbError[] = [];
  const reports = await history.lastReports(10, (error) => damaged.push(error));
  assert.deepEqual([reports.map(({ run }) => run), damaged.length], [['00000003', '00000001'], 1]);
  assert.deepEqual(await history.lastReports(1, () => assert.fail('not read')), reports.slice(0, 1));
  assert.deepEqual([await history.hasSucceeded('00000001'), await history.hasSucceeded('00000002')], [true, false]);
});
