import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { diskFailure } from '../../../src/storage/disk-failure.ts';
import { FileObjectStore } from '../../../src/storage/file/file-object-store.ts';
import { objectStoreSuite } from './object-store.suite.ts';

const made: string[] = [];
after(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))));

async function tempFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'plumb-objects-'));
  made.push(path, `${path}-link`);
  return path;
}
const content = Buffer.from('x');

objectStoreSuite(
  'file',
  async () => {
    const location = join(await tempFolder(), 'not', 'yet', 'there');
    return { kind: 'file', location, store: new FileObjectStore({ root: location }) };
  },
  (location) => rm(join(location, '../../..'), { recursive: true }),
);

describe('file object store, its folder', () => {
  it('never leaves it through a symbolic link', async () => {
    const root = await tempFolder();
    const outside = await tempFolder();
    await using store = new FileObjectStore({ root });
    await writeFile(join(outside, 'secret'), 'secret');
    await mkdir(join(root, 'a'));
    await symlink(outside, join(root, 'a', 'folder'));
    await symlink(join(outside, 'secret'), join(root, 'a', 'file'));
    for (const key of ['a/folder/secret', 'a/folder/new', 'a/file', 'a/folder/deep/new']) {
      const attempts = [
        () => store.get(key),
        () => store.readRange(key, { first: 0, last: 0 }),
        () => store.put(key, content),
        () => store.putIfAbsent(key, content),
        () => store.localPath(key),
        () => store.delete([key]),
        () => store.adopt([{ localPath: join(outside, 'secret'), key }]),
      ];
      for (const attempt of attempts)
        await assert.rejects(attempt, { code: 'STORAGE_UNAVAILABLE', message: /symbolic link/ });
    }
    await assert.rejects(() => store.list('a/folder/'), { code: 'STORAGE_UNAVAILABLE' });
    assert.deepEqual(await store.list(''), []);
    assert.deepEqual(await readdir(outside), ['secret']);
    assert.equal(await readFile(join(outside, 'secret'), 'utf8'), 'secret');
  });

  it('may itself be a symbolic link', async () => {
    const real = await tempFolder();
    await symlink(real, `${real}-link`);
    await using store = new FileObjectStore({ root: `${real}-link` });
    await store.put('a/b', content);
    assert.deepEqual(await readFile(join(real, 'a/b')), content);
  });

  it('keeps nothing of finished writes, and removes only what was abandoned for an hour', async () => {
    const root = await tempFolder();
    const work = join(root, 'work');
    const id = '00000000-0000-4000-8000-000000000000';
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    await mkdir(join(work, `folder-${id}`), { recursive: true });
    await mkdir(join(work, `folder-${id.replaceAll('0', '1')}`));
    await mkdir(join(work, 'of-somebody-else'));
    await writeFile(join(work, `folder-${id.replaceAll('0', '1')}`, 'young'), 'x');
    await writeFile(join(work, `put-${id}`), 'x');
    await writeFile(join(work, `put-${id.replaceAll('0', '2')}`), 'x');
    for (const old of [`folder-${id}`, `folder-${id.replaceAll('0', '1')}`, `put-${id}`, 'of-somebody-else']) {
      await utimes(join(work, old), longAgo, longAgo);
    }
    await using store = new FileObjectStore({ root });
    await store.put('a', content);
    await store.putIfAbsent('a', content);
    const kept = [`folder-${id.replaceAll('0', '1')}`, 'of-somebody-else', `put-${id.replaceAll('0', '2')}`];
    assert.deepEqual((await readdir(work)).sort(), kept.sort());
  });

  it('removes what was left behind when it is asked to, and folders that deleted objects left empty', async () => {
    const root = await tempFolder();
    const id = '00000000-0000-4000-8000-000000000000';
    await mkdir(join(root, 'work'));
    await writeFile(join(root, 'work', `put-${id}`), 'x');
    await using store = new FileObjectStore({ root });
    for (const key of ['views/v/1/a', 'views/v/2/a', 'leases/a']) await store.put(key, content);
    await store.delete(['views/v/1/a', 'leases/a']);
    const [past, future] = [Date.now() - 60_000, Date.now() + 60_000];
    assert.deepEqual([await store.removeAbandoned(past, false), await store.removeAbandoned(future, true)], [0, 1]);
    assert.deepEqual(await readdir(join(root, 'views/v')), ['1', '2']);
    assert.equal(await store.removeAbandoned(future, false), 1);
    assert.deepEqual([await readdir(join(root, 'views/v')), await readdir(join(root, 'work'))], [['2'], []]);
    assert.deepEqual((await readdir(root)).toSorted(), ['leases', 'views', 'work']);
    assert.equal(await store.removeAbandoned(future, false), 0);
  });

  it('says that a file stands where a folder is needed', async () => {
    const root = await tempFolder();
    await using store = new FileObjectStore({ root });
    await store.put('a', content);
    await assert.rejects(() => store.put('a/b', content), {
      code: 'STORAGE_UNAVAILABLE',
      message: `the storage "${root}" failed (EEXIST) while writing a/b: found a file where a folder is expected, or a folder where a file is`,
      publicMessage:
        'the storage failed (EEXIST) while writing a/b: found a file where a folder is expected, or a folder where a file is',
    });
    await store.put('folder/b', content);
    await assert.rejects(() => store.put('folder', content), {
      code: 'STORAGE_UNAVAILABLE',
      message: /found a folder/,
    });
    await assert.rejects(() => store.putIfAbsent('folder', content), { code: 'STORAGE_UNAVAILABLE' });
  });

  it('says that a place takes no folders', { timeout: 10_000 }, async () => {
    await using store = new FileObjectStore({ root: '/proc/plumb' });
    await assert.rejects(() => store.put('a', content), { code: 'STORAGE_UNAVAILABLE', message: /\(ENOENT\)/ });
  });

  it('says that the disk is full, keeps nothing of what did not fit, and goes on once there is room', async (test) => {
    const root = await tempFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'plumb-test', root]);
    if (mounted.status !== 0) return test.skip('mounting a small tmpfs needs root');
    try {
      await using store = new FileObjectStore({ root });
      await store.put('a', content);
      for (const write of [() => store.put('a', Buffer.alloc(2e6)), () => store.putIfAbsent('b', Buffer.alloc(2e6))]) {
        await assert.rejects(write, {
          code: 'RESOURCE_EXHAUSTED',
          message: /is full \(ENOSPC\) while .* [ab]: free some space/,
        });
      }
      assert.deepEqual(
        (await store.list('')).map(({ key, sizeBytes }) => [key, sizeBytes]),
        [['a', 1]],
      );
      assert.equal(await store.putIfAbsent('b', Buffer.alloc(5e5)), true);
    } finally {
      spawnSync('umount', [root]);
    }
  });

  it('names the storage and no path when the disk is full or read-only', () => {
    const failed = (code: string) =>
      diskFailure(Object.assign(new Error('/a/b/c'), { code }), 'storage ".plumb"', 'writing x');
    for (const [code, expected] of [
      ['ENOSPC', 'RESOURCE_EXHAUSTED'],
      ['EDQUOT', 'RESOURCE_EXHAUSTED'],
      ['EACCES', 'STORAGE_UNAVAILABLE'],
      ['EROFS', 'STORAGE_UNAVAILABLE'],
      ['EWHATEVER', 'STORAGE_UNAVAILABLE'],
    ] as const) {
      const error = failed(code);
      assert.ok(error instanceof PlumbError);
      assert.equal(error.code, expected);
      assert.match(error.message, /"\.plumb".*writing x/);
      assert.doesNotMatch(error.message, /\/a\/b/);
    }
  });
});
