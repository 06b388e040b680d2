// plumb backup create and restore: what is lost comes back as it was, and nothing is overwritten.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { STORAGE_FOLDERS, topFolder } from '../../src/backup/storage-folders.ts';
import { ScheduleRecords } from '../../src/schedule/schedule-records.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { GC_LEASE } from '../../src/storage/leases/lease.ts';
import { StorageLeases } from '../../src/storage/leases/storage-leases.ts';
import { type Document, startPaused, type TempProject, tempProject } from '../e2e/project.ts';
import { CLICKS, DEFINITIONS, PROJECT_FILE, SHOP, UNTIL } from '../e2e/shop.ts';
import { RedisServer } from '../servers/redis.ts';
import { S3Server } from '../servers/s3.ts';

const EARLIER = '2026-01-07T12:00:00Z';
const LOOKUP = [
  'get',
  '--service',
  'ranking',
  '--entity',
  '{"user_id":1}',
  '{"user_id":2}',
  '{"user_id":5}',
  '--at',
  UNTIL,
];
const DATASET = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train'];
const CHANGED = DEFINITIONS.replace(
  'name: points, type: int64 }',
  "name: points, type: int64, expression: 'points + 1' }",
);

async function must(project: TempProject, ...args: readonly string[]): Promise<Document> {
  const { code, document } = await project.json(...args);
  assert.equal(code, 0, JSON.stringify(document));
  return document;
}

async function refused(project: TempProject, code: string, message: RegExp, ...args: readonly string[]): Promise<void> {
  const { code: exit, document } = await project.json(...args);
  assert.equal(document.error?.code, code, JSON.stringify(document));
  assert.match(document.error?.message ?? '', message);
  assert.notEqual(exit, 0);
}

/** Two runs of each view, the second of which adds to the first; a kept training set, a key, a paused schedule; and a definition that no run has filled. */
async function livedIn(more: Readonly<Record<string, string>> = {}): Promise<TempProject> {
  const shop = await tempProject({ ...SHOP, ...more });
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', EARLIER);
  await must(shop, 'materialize', '--until', UNTIL);
  await must(shop, ...DATASET);
  await must(shop, 'dataset', 'keep', 'train@1');
  await must(shop, 'key', 'create', '--role', 'reader');
  await using store = new FileObjectStore({ root: join(shop.folder, '.plumb') });
  await new ScheduleRecords(store).pause('nightly');
  await shop.write('features/shop.yaml', CHANGED);
  await must(shop, 'apply');
  return shop;
}

const withoutLeases = async (project: TempProject): Promise<readonly string[]> =>
  (await project.stored()).filter((key) => !/^(leases|online|work)\//.test(key));

/** What a project answers, whoever asks. */
async function answersOf(project: TempProject): Promise<unknown> {
  const { views } = (await must(project, 'status')) as Document & { readonly views: readonly Document[] };
  const { asOf, rows, statuses, version } = await must(project, ...LOOKUP);
  return {
    ...{ asOf, rows, statuses, version },
    views: views.map(({ view, generation, watermark, changed, lastRuns, damaged }) => ({
      ...{ view, generation, watermark, changed, lastRuns, damaged },
    })),
    dataset: await must(project, 'dataset', 'show', 'train@1'),
    keys: await must(project, 'key', 'list'),
    changes: await must(project, 'audit', 'list'),
  };
}

interface Restored extends Document {
  readonly restored: { readonly objects: number; readonly bytes: number };
  readonly online: readonly { readonly view: string; readonly outcome: string; readonly rows: number }[];
}

test('a project that lost its storage and its online store is as it was, and goes on', async () => {
  const shop = await livedIn();
  const [before, stored] = [await answersOf(shop), await withoutLeases(shop)];
  const first = await must(shop, 'backup', 'create', 'backups');
  assert.equal(first.objects, stored.length);
  assert.deepEqual([first.number, first.damaged, first.unknown], [1, [], []]);
  const second = await must(shop, 'backup', 'create', 'backups');
  assert.deepEqual([second.number, second.copied], [2, { objects: 0, bytes: 0 }]);

  await shop.remove('.plumb');
  const dry = (await must(shop, 'backup', 'restore', 'backups', '--dry-run')) as Restored;
  assert.deepEqual(await shop.stored(), []);
  assert.deepEqual(new Set(dry.online.map(({ outcome }) => outcome)), new Set(['to_fill']));
  const done = (await must(shop, 'backup', 'restore', 'backups')) as Restored;
  assert.deepEqual([done.restored, done.restored.objects], [dry.restored, stored.length]);
  assert.deepEqual(new Set(done.online.map(({ outcome }) => outcome)), new Set(['filled']));
  assert.deepEqual(await answersOf(shop), before);
  assert.deepEqual(await withoutLeases(shop), stored);
  await using store = new FileObjectStore({ root: join(shop.folder, '.plumb') });
  assert.deepEqual([...(await new ScheduleRecords(store).paused())], ['nightly']);

  const again = (await must(shop, 'backup', 'restore', 'backups', '--number', '1')) as Restored;
  assert.deepEqual(
    [again.restored.objects, new Set(again.online.map(({ outcome }) => outcome))],
    [0, new Set(['present'])],
  );
  await shop.write('data/clicks.jsonl', `${CLICKS}{"user_id":2,"ts":"2026-01-08T01:00:00Z","price":8}\n`);
  await must(shop, 'materialize', '--until', '2026-01-09T00:00:00Z');
  const { rows } = await must(shop, ...LOOKUP.slice(0, -1), '2026-01-09T00:00:00Z');
  assert.deepEqual((rows as readonly unknown[])[1], ['DE', 8, 1, 8]);
  assert.equal((await must(shop, ...DATASET)).version, 2);
});

test('an online store that was lost alone is filled, and one that went further is left alone', async () => {
  const shop = await livedIn();
  const before = await answersOf(shop);
  await must(shop, 'backup', 'create', 'backups');
  await shop.remove('.plumb/online');
  await must(shop, 'backup', 'restore', 'backups');
  assert.deepEqual(await answersOf(shop), before);
  const online = join(shop.folder, 'kept-online');
  await must(shop, 'materialize', '--full', '--until', UNTIL);
  await writeFile(join(shop.folder, 'plumb.yaml'), PROJECT_FILE.replace('lmdb', `lmdb, path: ${online}`));
  await must(shop, 'materialize', '--from-snapshot');
  await shop.remove('.plumb');
  const { online: views } = (await must(shop, 'backup', 'restore', 'backups')) as Restored;
  assert.deepEqual(
    views.map(({ outcome, rows }) => [outcome, rows]),
    [
      ['other', 0],
      ['other', 0],
    ],
  );
  await must(shop, 'materialize', '--full', '--until', UNTIL);
});

test('what was in LMDB goes online in Redis', async () => {
  const redis = await RedisServer.start();
  after(() => redis[Symbol.asyncDispose]());
  const shop = await livedIn();
  const before = await answersOf(shop);
  await must(shop, 'backup', 'create', 'backups');
  await shop.remove('.plumb');
  await shop.write('plumb.yaml', PROJECT_FILE.replace('{ kind: lmdb }', `{ kind: redis, url: "${redis.url}" }`));
  await must(shop, 'backup', 'restore', 'backups');
  assert.deepEqual(await answersOf(shop), before);
  await must(shop, 'materialize', '--until', '2026-01-09T00:00:00Z');
});

test('a backup in a bucket becomes a project on S3, and back', async () => {
  const server = await S3Server.start();
  after(() => server[Symbol.asyncDispose]());
  const cache = await mkdtemp(join(tmpdir(), 'plumb-cache-'));
  after(() => rm(cache, { recursive: true, force: true }));
  Object.assign(process.env, server.credentials, {
    PLUMB_S3_ENDPOINT: server.endpoint,
    PLUMB_S3_CACHEFOLDER: cache,
  });
  const shop = await livedIn();
  const before = await answersOf(shop);
  const place = `s3://${server.bucket}/backups`;
  const { objects } = await must(shop, 'backup', 'create', place);
  assert.deepEqual((await must(shop, 'backup', 'create', place)).copied, { objects: 0, bytes: 0 });
  const onS3 = await tempProject({
    ...SHOP,
    'plumb.yaml': `${PROJECT_FILE.replace('lmdb', 'lmdb, path: online')}storage: s3://${server.bucket}/storage\n`,
  });
  await refused(
    onS3,
    'INVALID_REQUEST',
    /outside of the storage/,
    'backup',
    'create',
    `s3://${server.bucket}/storage/backups`,
  );
  const done = (await must(onS3, 'backup', 'restore', place)) as Restored;
  assert.equal(done.restored.objects, objects);
  assert.deepEqual(await answersOf(onS3), before);
  await must(onS3, 'backup', 'create', 'here');
  await shop.remove('.plumb');
  await must(shop, 'backup', 'restore', join(onS3.folder, 'here'));
  assert.deepEqual(await answersOf(shop), before);
});

test('a storage that went another way is refused, and not touched', async () => {
  const shop = await livedIn();
  await must(shop, 'backup', 'create', 'backups');
  await shop.remove('features');
  await shop.write('features/shop.yaml', DEFINITIONS.replace('window: 1d', 'window: 2d'));
  await must(shop, 'apply');
  const stored = await withoutLeases(shop);
  const message = /overwrite: registry\/00000003.json is not in the backup. Restore into an empty storage/;
  for (const more of [[], ['--dry-run']])
    await refused(shop, 'INVALID_REQUEST', message, 'backup', 'restore', 'backups', ...more);
  assert.deepEqual(await withoutLeases(shop), stored);
  await shop.remove('.plumb');
  await must(shop, 'apply');
  await refused(shop, 'INVALID_REQUEST', /registry\/00000001.json is another one/, 'backup', 'restore', 'backups');
});

test('a damaged backup is refused before anything is written', async () => {
  const shop = await livedIn();
  await must(shop, 'backup', 'create', 'backups');
  await shop.remove('.plumb');
  const objects = join(shop.folder, 'backups/objects');
  const names = (await readdir(objects, { recursive: true })).filter((name) => name.length > 40).toSorted();
  const victim = join(objects, names[0] ?? '');
  const content = await readFile(victim);
  for (const [harmed, message] of [
    [Buffer.from(content.map((byte, i) => (i === 5 ? byte ^ 1 : byte))), /found SHA-256/],
    [content.subarray(1), /bytes, expected/],
    [null, /is missing/],
  ] as const) {
    await rm(victim);
    if (harmed !== null) await writeFile(victim, harmed);
    await refused(shop, 'STORAGE_CORRUPT', message, 'backup', 'restore', 'backups');
    assert.deepEqual(await withoutLeases(shop), []);
  }
  await writeFile(victim, content);
  const manifest = join(shop.folder, 'backups/backups/00000001.json');
  const text = await readFile(manifest, 'utf8');
  for (const harmed of [text.replace('views/profile', 'views/profilf'), text.slice(0, -3), '{}', 'null']) {
    await writeFile(manifest, harmed);
    await refused(shop, 'STORAGE_CORRUPT', /backups\/00000001.json is damaged/, 'backup', 'restore', 'backups');
  }
  await writeFile(manifest, text);
  await must(shop, 'backup', 'restore', 'backups');
});

test('what is damaged in the storage is told, left out, and the rest is backed up', async () => {
  const shop = await livedIn();
  const parts = (await shop.stored()).filter((key) => /^views\/spending\/00000001\/part.*parquet$/.test(key));
  const part = join(shop.folder, '.plumb', parts[0] ?? '');
  const content = await readFile(part);
  await writeFile(
    part,
    content.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
  );
  const { code, document } = await shop.json('backup', 'create', 'backups');
  assert.equal(code, 1);
  assert.match(String(document.damaged), /views\/spending\/00000001\/part-.* is damaged: found SHA-256/);
  await shop.remove('.plumb');
  const restored = await shop.json('backup', 'restore', 'backups');
  assert.equal(restored.code, 0, JSON.stringify(restored.document));
});

test('what cannot be meant is refused', async () => {
  const shop = await tempProject(SHOP);
  await must(shop, 'apply');
  await refused(shop, 'INVALID_REQUEST', /found nothing at .*none, expected a folder/, 'backup', 'restore', 'none');
  await refused(shop, 'INVALID_REQUEST', /outside of the storage/, 'backup', 'create', '.plumb/backups');
  await refused(shop, 'INVALID_REQUEST', /found a file at/, 'backup', 'create', 'plumb.yaml');
  await refused(shop, 'UNKNOWN_NAME', /there is no backup in this place/, 'backup', 'restore', 'data');
  await must(shop, 'backup', 'create', 'backups');
  await refused(
    shop,
    'UNKNOWN_NAME',
    /no backup 7 .* expected one of 1/,
    'backup',
    'restore',
    'backups',
    '--number',
    '7',
  );
  await refused(shop, 'INVALID_REQUEST', /whole number from 1 on/, 'backup', 'restore', 'backups', '--number', 'x');
  await shop.write('plumb.yaml', PROJECT_FILE.replace('shop', 'other'));
  await refused(shop, 'INVALID_REQUEST', /found a backup of project shop/, 'backup', 'restore', 'backups');
  await refused(shop, 'INVALID_REQUEST', /found backups of project shop/, 'backup', 'create', 'backups');
});

test('backups that are made while views run are each whole and of one moment', async () => {
  const shop = await livedIn();
  let isOver = false;
  const backups = (async () => {
    let made = 0;
    for (; !isOver || made < 3; made += 1) await must(shop, 'backup', 'create', 'backups');
    return made;
  })();
  for (let run = 0; run < 4; run += 1) {
    await must(shop, 'materialize', '--full', '--until', run % 2 === 0 ? EARLIER : UNTIL);
    await must(shop, ...DATASET);
  }
  isOver = true;
  for (let number = 1; number <= (await backups); number += 1) {
    const copy = await tempProject(SHOP);
    const { online } = (await must(
      copy,
      'backup',
      'restore',
      join(shop.folder, 'backups'),
      '--number',
      String(number),
    )) as Restored;
    assert.deepEqual(
      online.map(({ outcome }) => outcome),
      ['filled', 'filled'],
    );
    const { asOf } = (await must(copy, 'get', '--service', 'ranking', '--entity', '{"user_id":1}')) as { asOf: object };
    for (const [view, watermark] of Object.entries(asOf)) {
      const told = (online as unknown as readonly Document[]).find((one) => one.view === view);
      assert.equal(watermark, told?.watermark);
    }
    await must(copy, 'materialize', 'spending', '--from-snapshot');
  }
});

test('a backup excludes collections, and runs go on', async () => {
  const shop = await livedIn();
  await using store = new FileObjectStore({ root: join(shop.folder, '.plumb') });
  const collecting = await new StorageLeases({ store, termMillis: 5000 }).acquire(GC_LEASE, { purpose: 'collecting' });
  await refused(shop, 'CONFLICT', /has been collecting since/, 'backup', 'create', 'backups');
  await collecting[Symbol.asyncDispose]();
  const paused = await startPaused(shop.folder, 'backup.before_manifest', ['backup', 'create', 'backups']);
  await must(shop, 'materialize', '--full', '--until', UNTIL);
  await paused.kill();
  await refused(shop, 'UNKNOWN_NAME', /there is no backup in this place/, 'backup', 'restore', 'backups');
  const next = await must(shop, 'backup', 'create', 'backups');
  const { objects } = next.copied as { readonly objects: number };
  assert.ok(next.number === 1 && objects > 0 && objects < Number(next.objects), JSON.stringify(next));
});

test('a backup that stood still while a collection went by is none', async () => {
  const shop = await livedIn({ 'plumb.yaml': `${PROJECT_FILE}leaseTermMillis: 1000\n` });
  const paused = await startPaused(shop.folder, 'backup.before_manifest', ['backup', 'create', 'backups', '--json']);
  await must(shop, 'gc');
  const { code, out } = await paused.goOn();
  assert.equal(code, 1);
  assert.equal((JSON.parse(out) as Document).error?.code, 'CONFLICT', out);
  await refused(shop, 'UNKNOWN_NAME', /there is no backup in this place/, 'backup', 'restore', 'backups');
});

test('a restore that was killed leaves nothing that counts, or goes on from where it was', async () => {
  const shop = await livedIn();
  const before = await answersOf(shop);
  const { objects } = await must(shop, 'backup', 'create', 'backups');
  await shop.remove('.plumb');
  const kill = async (failpoint: string): Promise<void> =>
    void (await (await startPaused(shop.folder, failpoint, ['backup', 'restore', 'backups'])).kill());
  await kill(`restore.object:${Number(objects) - 3}`);
  await refused(shop, 'NOT_APPLIED', /no registered version yet/, 'list');
  await kill('materialize.claimed');
  await kill('materialize.rows_written');
  await kill('materialize.published');
  await must(shop, 'backup', 'restore', 'backups');
  assert.deepEqual(await answersOf(shop), before);
});

test('only so many backups are kept, with the objects that they name', async () => {
  const shop = await livedIn();
  await must(shop, 'backup', 'create', 'backups', '--without-dataset-parts');
  await must(shop, 'materialize', '--full', '--until', UNTIL);
  await must(shop, 'backup', 'create', 'backups');
  const before = await answersOf(shop);
  await shop.remove('.plumb/views/spending/00000001');
  await must(shop, 'backup', 'create', 'backups');
  await writeFile(join(shop.folder, `backups/objects/00/${'0'.repeat(64)}`), 'of one that was cut off').catch(() => {});
  const { removed } = await must(shop, 'backup', 'create', 'backups', '--keep', '2');
  const { backups, objects } = removed as { readonly backups: number; readonly objects: number };
  assert.ok(backups === 2 && objects > 0, JSON.stringify(removed));
  await refused(shop, 'UNKNOWN_NAME', /expected one of 3, 4/, 'backup', 'restore', 'backups', '--number', '2');
  await shop.remove('.plumb');
  await must(shop, 'backup', 'restore', 'backups', '--number', '3');
  const { rows, dataset } = (await answersOf(shop)) as Document;
  assert.deepEqual([rows, dataset], [(before as Document).rows, (before as Document).dataset]);
});

test('of training sets, manifests and marks can be kept alone', async () => {
  const shop = await livedIn();
  const stored = await withoutLeases(shop);
  await must(shop, 'backup', 'create', 'backups', '--without-dataset-parts');
  await shop.remove('.plumb');
  await must(shop, 'backup', 'restore', 'backups');
  assert.deepEqual(
    await withoutLeases(shop),
    stored.filter((key) => !/^datasets\/.*parquet$/.test(key)),
  );
  assert.equal((await must(shop, 'dataset', 'show', 'train@1')).version, 1);
});

test('what is not of Plumb in the storage is left out, and told', async () => {
  const shop = await livedIn();
  await must(shop, 'gc', '--limit', '1');
  const folders = new Set((await withoutLeases(shop)).map(topFolder));
  for (const folder of folders) assert.ok(folder in STORAGE_FOLDERS, `${folder}/ is not in storage-folders.ts`);
  await shop.write('.plumb/photos/cat.jpg', 'meow');
  assert.deepEqual((await must(shop, 'backup', 'create', 'backups')).unknown, ['photos/']);
});
