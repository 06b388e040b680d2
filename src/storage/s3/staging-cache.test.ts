import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type StagedObject, StagingCache } from './staging-cache.ts';

const made: string[] = [];
after(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))));

async function tempFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'plumb-cache-'));
  made.push(path);
  return path;
}

const object = (key: string, sizeBytes = 10, etag = '"1"'): StagedObject => ({ bucket: 'b', key, etag, sizeBytes });

/** Writes content of the object's size; says how often it was called. */
function origin() {
  let downloads = 0;
  const fetch =
    ({ key, sizeBytes, etag }: StagedObject) =>
    async (path: string): Promise<void> => {
      downloads += 1;
      await writeFile(path, `${key}${etag}`.padEnd(sizeBytes).slice(0, sizeBytes));
    };
  return { fetch, downloads: () => downloads };
}

const copiesIn = async (folder: string): Promise<number> => (await readdir(join(folder, 'objects'))).length;

test('fetches an object once, also for many at a time and for later processes', async () => {
  const folder = await tempFolder();
  const { fetch, downloads } = origin();
  const wanted = object('data/part-0.parquet');
  {
    await using cache = new StagingCache({ folder, maxBytes: 1000 });
    const paths = await Promise.all(Array.from({ length: 5 }, () => cache.stage(wanted, fetch(wanted))));
    assert.equal(new Set(paths).size, 1);
    assert.match(paths[0] ?? '', /\/part-0\.parquet$/);
  }
  await using later = new StagingCache({ folder, maxBytes: 1000 });
  await later.stage(wanted, fetch(wanted));
  assert.equal(downloads(), 1);
});

test('another ETag, key or bucket is another object', async () => {
  const folder = await tempFolder();
  const { fetch, downloads } = origin();
  await using cache = new StagingCache({ folder, maxBytes: 1000 });
  const wanted = [object('a'), object('a', 10, '"2"'), object('b'), { ...object('a'), bucket: 'c' }];
  const contents = new Set<string>();
  for (const each of wanted) contents.add(await readFile(await cache.stage(each, fetch(each)), 'utf8'));
  assert.equal(downloads(), 4);
  assert.equal(contents.size, 3);
});

test('evicts what was not used for longest, and never what somebody uses', async () => {
  const folder = await tempFolder();
  const { fetch, downloads } = origin();
  {
    await using filling = new StagingCache({ folder, maxBytes: 100 });
    for (const key of ['a', 'b', 'c']) await filling.stage(object(key, 30), fetch(object(key, 30)));
  }
  await using user = new StagingCache({ folder, maxBytes: 100 });
  const inUse = await user.stage(object('a', 30), fetch(object('a', 30)));
  // a was used last: of the others b is the older one.
  for (const name of await readdir(join(folder, 'objects'))) {
    const path = join(folder, 'objects', name);
    const age = (await readFile(path, 'utf8')).startsWith('b') ? 200 : 100;
    if ((await stat(path)).nlink === 1) await utimes(path, Date.now() / 1000 - age, 1);
  }
  {
    await using another = new StagingCache({ folder, maxBytes: 100 });
    await another.stage(object('d', 30), fetch(object('d', 30)));
    assert.equal(await copiesIn(folder), 3);
    const kept = await Promise.all(
      (await readdir(join(folder, 'objects'))).map((name) => readFile(join(folder, 'objects', name), 'utf8')),
    );
    assert.deepEqual(kept.map((content) => content[0]).toSorted(), ['a', 'c', 'd']);
    await another.stage(object('huge', 500), fetch(object('huge', 500)));
    assert.equal((await readFile(inUse)).length, 30);
  }
  assert.equal(downloads(), 5);
  assert.equal((await stat(inUse)).size, 30);
});

test('a copy that is not whole is fetched again', async () => {
  const folder = await tempFolder();
  const { fetch, downloads } = origin();
  const wanted = object('a');
  {
    await using cache = new StagingCache({ folder, maxBytes: 100 });
    await cache.stage(wanted, fetch(wanted));
  }
  const [name = ''] = await readdir(join(folder, 'objects'));
  await writeFile(join(folder, 'objects', name), 'torn');
  await using cache = new StagingCache({ folder, maxBytes: 100 });
  assert.equal((await readFile(await cache.stage(wanted, fetch(wanted)))).length, 10);
  assert.equal(downloads(), 2);
});

test('a failed download leaves nothing and is tried again', async () => {
  const folder = await tempFolder();
  await using cache = new StagingCache({ folder, maxBytes: 100 });
  const wanted = object('a');
  const broken = async (path: string): Promise<void> => {
    await writeFile(path, 'half');
    throw new Error('the line is cut');
  };
  await assert.rejects(() => cache.stage(wanted, broken), /the line is cut/);
  assert.deepEqual(
    (await readdir(folder, { recursive: true, withFileTypes: true })).filter((e) => e.isFile()),
    [],
  );
  assert.equal((await readFile(await cache.stage(wanted, origin().fetch(wanted)))).length, 10);
});

test('takes a finished file, and lets go of one of its own without losing the copy of others', async () => {
  const folder = await tempFolder();
  const { fetch, downloads } = origin();
  await using cache = new StagingCache({ folder, maxBytes: 1000 });
  await using other = new StagingCache({ folder, maxBytes: 1000 });
  const finished = join(folder, 'finished');
  await writeFile(finished, '0123456789');
  await cache.take(object('a'), finished);
  await assert.rejects(() => stat(finished), { code: 'ENOENT' });
  const mine = await cache.stage(object('a'), fetch(object('a')));
  const theirs = await other.stage(object('a'), fetch(object('a')));
  await cache.take(object('copied'), mine);
  await assert.rejects(() => stat(mine), { code: 'ENOENT' });
  assert.equal(await readFile(theirs, 'utf8'), '0123456789');
  assert.equal(await readFile(await cache.stage(object('a'), fetch(object('a'))), 'utf8'), '0123456789');
  assert.equal(downloads(), 0);
});

test('forgets what was deleted', async () => {
  const folder = await tempFolder();
  await using cache = new StagingCache({ folder, maxBytes: 1000 });
  const { fetch } = origin();
  const path = await cache.stage(object('jobs/1.arrow'), fetch(object('jobs/1.arrow')));
  await cache.stage(object('kept'), fetch(object('kept')));
  await cache.forget('b', new Set(['jobs/1.arrow']));
  await assert.rejects(() => stat(path), { code: 'ENOENT' });
  assert.equal(await copiesIn(folder), 1);
});

test('a full disk says so', async () => {
  await using cache = new StagingCache({ folder: await tempFolder(), maxBytes: 1000 });
  const full = async (): Promise<void> => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  };
  await assert.rejects(() => cache.stage(object('a'), full), {
    code: 'RESOURCE_EXHAUSTED',
    message: /the cache of S3 objects \(s3\.cacheFolder\) is full/,
  });
});

test('regression: a copy that cannot be linked leaves nothing, and is fetched again once it can', async () => {
  const folder = await tempFolder();
  const { fetch } = origin();
  const wanted = object('a');
  {
    await using first = new StagingCache({ folder, maxBytes: 100 });
    await first.stage(wanted, fetch(wanted));
  }
  const [id = ''] = await readdir(join(folder, 'objects'));
  const copy = join(folder, 'objects', id);
  await rm(copy);
  await mkdir(copy);
  await using cache = new StagingCache({ folder, maxBytes: 100 });
  await assert.rejects(() => cache.stage(wanted, fetch(wanted)), { code: 'STORAGE_UNAVAILABLE', message: /found a/ });
  await rmdir(copy);
  assert.equal((await readFile(await cache.stage(wanted, fetch(wanted)))).length, 10);
});
