// A disk that is full leaves nothing behind that counts, and once there is space the same command succeeds. The storage
// lies on a small tmpfs; where mounting is not permitted, that is said and skipped.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mustRun, plumb } from './plumb-process.ts';
import { answersAt, checkManifests, datasetsOf, filesUnder, registeredVersion, statusOf } from './project-state.ts';
import { makeProject, removeProject, T1, VIEWS } from './small-project.ts';

const SIZE_BYTES = 48 * 2 ** 20;

/** Why a tmpfs cannot be mounted here; null where it can. */
async function whyNotMounted(): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-mount-'));
  try {
    mount(folder);
    unmount(folder);
    return null;
  } catch (error) {
    return `a tmpfs cannot be mounted here: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const mount = (folder: string): unknown =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_BYTES}`, 'tmpfs', folder], { stdio: 'pipe' });
const unmount = (folder: string): unknown => execFileSync('umount', ['-l', folder], { stdio: 'pipe' });

async function onSmallDisk(work: (folder: string, storage: string) => Promise<void>): Promise<void> {
  const folder = await makeProject();
  const storage = join(folder, '.plumb');
  await mkdir(storage);
  mount(storage);
  try {
    await work(folder, storage);
  } finally {
    unmount(storage);
    await removeProject(folder);
  }
}

/** Leaves that many bytes free. */
async function fill(storage: string, freeBytes: number): Promise<string> {
  const filler = join(storage, 'filler');
  await rm(filler, { force: true });
  const { bavail, bsize } = await statfs(storage);
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
  return filler;
}

interface Failure {
  readonly error?: { readonly code: string };
}

const skip = (await whyNotMounted()) ?? false;
const KIB = 1024;

describe('a full disk', { skip }, () => {
  const create = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--out', 'out.jsonl'];

  for (const freeBytes of [0, 4 * KIB, 16 * KIB, 64 * KIB]) {
    test(`dataset create with ${freeBytes / KIB} KiB free`, () =>
      onSmallDisk(async (folder, storage) => {
        await mustRun(folder, ['apply']);
        const filler = await fill(storage, freeBytes);
        const failed = await plumb(folder, [...create, '--json']);
        assert.equal(failed.code, 1, failed.out);
        assert.equal((JSON.parse(failed.out) as Failure).error?.code, 'RESOURCE_EXHAUSTED', failed.out);
        const left = await filesUnder(storage);
        assert.deepEqual(
          left.filter((file) => file.startsWith('datasets/') || file.startsWith('work/')),
          [],
        );
        assert.equal((await filesUnder(folder)).filter((file) => file.startsWith('out.jsonl')).length, 0);
        await rm(filler);
        await mustRun(folder, create);
        assert.deepEqual((await datasetsOf(folder)).length, 1);
      }));
  }

  // With 16 KiB the parts do not fit, with 256 and 1024 they do, and the online store does not.
  for (const freeBytes of [0, 16 * KIB, 256 * KIB, 1024 * KIB]) {
    test(`materialize with ${freeBytes / KIB} KiB free`, () =>
      onSmallDisk(async (folder, storage) => {
        await mustRun(folder, ['apply']);
        const filler = await fill(storage, freeBytes);
        const failed = await plumb(folder, ['materialize', '--until', T1]);
        assert.equal(failed.code, 1, failed.out);
        assert.match(failed.out + failed.err, /space|full/);
        await checkManifests(folder);
        await rm(filler);
        await mustRun(folder, ['materialize', '--until', T1]);
        const status = await statusOf(folder);
        assert.deepEqual(
          status.map(({ watermark, pendingRun }) => [watermark, pendingRun]),
          VIEWS.map(() => [T1, null]),
        );
        assert.ok((await answersAt(folder, T1))?.statuses.some((row) => row.includes('PRESENT')));
      }));
  }

  test('apply without space', () =>
    onSmallDisk(async (folder, storage) => {
      const filler = await fill(storage, 0);
      const failed = await plumb(folder, ['apply', '--json']);
      assert.equal(failed.code, 1, failed.out);
      assert.equal((JSON.parse(failed.out) as Failure).error?.code, 'RESOURCE_EXHAUSTED', failed.out);
      assert.equal(await registeredVersion(folder), 0);
      await rm(filler);
      await mustRun(folder, ['apply']);
      assert.equal(await registeredVersion(folder), 1);
    }));
});
