// An online store that cannot be opened or written: a clear message, exit 1, and nothing of what was there is lost.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyPrivileged } from '../unprivileged.ts';
import { plumbUnprivileged, type TempProject, tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { PROJECT_FILE, SHOP, UNTIL } from './shop.ts';

const LATER = '2026-01-09T00:00:00Z';
const GET = ['get', '--service', 'ranking', '--entity', '{"user_id":1}', '--at', UNTIL];
const system = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' });

async function assertServes(project: TempProject): Promise<void> {
  const { code, document } = await project.json(...GET);
  assert.equal(code, 0, JSON.stringify(document));
  assert.deepEqual((document.rows as unknown[][])[0]?.slice(2), [2, 3.5]);
}

async function assertCannotMaterialize(project: TempProject, message: RegExp): Promise<void> {
  const { code, out, err } = await project.plumb('materialize', '--until', LATER);
  assert.equal(code, 1, out + err);
  assert.match(out + err, message);
  assert.doesNotMatch(out + err, /internal error/);
}

test('the folder of the store is a file', async () => {
  const project = await tempProject({ ...SHOP, '.plumb/online': 'no folder' });
  await project.plumb('apply');
  await assertCannotMaterialize(project, /\.plumb\/online/);
  await assertRefused(project, GET, 'STORE_UNAVAILABLE', /\.plumb\/online/);
  assert.equal(await project.read('.plumb/online'), 'no folder');
  const { code, out } = await project.plumb('doctor');
  assert.equal(code, 1);
  assert.match(out, /FAIL +online store: .*\.plumb\/online/);
});

test('the folder of the store cannot be read', async (t) => {
  const why = whyPrivileged();
  if (why !== null) return t.skip(why);
  const project = await tempProject(SHOP);
  const online = join(project.folder, '.plumb/online');
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  await chmod(online, 0);
  const { code, err } = await plumbUnprivileged(project.folder, GET);
  assert.equal(code, 1);
  assert.match(err, /\.plumb\/online/);
  assert.doesNotMatch(err, /internal error/);
  await chmod(online, 0o755);
  await assertServes(project);
});

test('the store is on a read-only mount', async (t) => {
  const project = await tempProject({
    ...SHOP,
    'plumb.yaml': PROJECT_FILE.replace('kind: lmdb', 'kind: lmdb, path: mounted/online'),
  });
  const folder = join(project.folder, 'mounted');
  await mkdir(folder);
  const mounted = system('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder);
  if (mounted.status !== 0)
    return t.skip(`mount is not permitted: ${(mounted.stderr ?? String(mounted.error)).trim()}`);
  try {
    const remount = (how: 'ro' | 'rw') => assert.equal(system('mount', '-o', `remount,${how}`, folder).status, 0);
    await project.plumb('apply');
    assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
    remount('ro');
    await assertCannotMaterialize(project, /mounted\/online/);
    const read = await project.plumb(...GET);
    assert.ok(read.code === 0 || /mounted\/online/.test(read.err), read.err);
    remount('rw');
    await assertServes(project);
    assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
  } finally {
    system('umount', '-l', folder);
  }
});

test('a damaged snapshot is never loaded', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  const part = (await project.stored()).find((name) => /^views\/profile\/.*part-.*\.parquet$/.test(name));
  assert.ok(part !== undefined);
  const path = join(project.folder, '.plumb', part);
  const bytes = await readFile(path);
  bytes[10] = (bytes[10] as number) ^ 1;
  await writeFile(path, bytes);
  const { code, out } = await project.plumb('materialize', 'profile', '--from-snapshot');
  assert.equal(code, 1, out);
  assert.match(out, /views\/profile\/.* is damaged: found SHA-256/);
  await assertServes(project);
});
