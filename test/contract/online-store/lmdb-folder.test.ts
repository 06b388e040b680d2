// The folder of the LMDB store: reopened, missing, unusable, foreign, full.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { open } from 'lmdb';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { PlumbError, publicError } from '../../../schemas/errors.ts';
import * as layout from '../../../src/online/lmdb/lmdb-layout.ts';
import { LmdbOnlineStore } from '../../../src/online/lmdb/lmdb-online-store.ts';
import { rowsOf } from './reading.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-lmdb-folder-'));
after(() => rm(root, { recursive: true, force: true }));

const FIELD = 'v@1';
const entity = Buffer.from('a');
const fails = (code: ErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PlumbError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(JSON.stringify(publicError(error)), /\/tmp|plumb-lmdb/, 'clients are told no folder');
  return true;
};

test('what was written is there after the store was closed and opened again', async () => {
  const folder = join(root, 'deep', 'er.lmdb');
  {
    await using store = await LmdbOnlineStore.open(folder, 'demo');
    await store.writeRows(FIELD, 7n, [{ entity, row: Buffer.from('row') }]);
    await store.writeRows('dropped@1', 7n, [{ entity, row: Buffer.from('row') }]);
    await store.dropField('dropped@1');
    await store.writeState('v', null, Buffer.from('state'));
  }
  await using store = await LmdbOnlineStore.open(folder, 'demo');
  assert.equal(Buffer.from((await rowsOf(store, [entity], [FIELD]))[0]?.[0] ?? []).toString(), 'row');
  assert.deepEqual(await store.listFields(), [FIELD]);
  assert.equal((await store.listStates()).size, 1);
  assert.deepEqual(await store.writeRows(FIELD, 6n, [{ entity, row: null }]), { written: 0 });
});

test('a database of the former format is read, and follows changes from then on', async () => {
  const folder = join(root, 'former');
  {
    await using store = await LmdbOnlineStore.open(folder, 'demo');
    await store.writeRows(FIELD, 7n, [{ entity, row: Buffer.from('row') }]);
    await store.writeState('v', null, Buffer.from('state'));
  }
  const database = open<Buffer, Uint8Array>(folder, { keyEncoding: 'binary', encoding: 'binary', noSubdir: false });
  database.transactionSync(() => {
    database.putSync(layout.OWNER_KEY, layout.encodeOwner({ format: 1, project: 'demo' }));
    database.removeSync(layout.REVISION_KEY);
  });
  await database.close();
  await using store = await LmdbOnlineStore.open(folder, 'demo');
  const [row] = await rowsOf(store, [entity], [FIELD]);
  assert.equal(Buffer.from(row?.[0] ?? []).toString(), 'row');
  const stateOf = async (view: string) => Buffer.from((await store.read([], [view])).states[0] ?? []).toString();
  assert.equal(await stateOf('v'), 'state');
  assert.equal(await store.writeState('v', Buffer.from('state'), Buffer.from('next')), true);
  assert.equal(await stateOf('v'), 'next');
});

test('what a reader remembers of states and fields follows every change by others', async () => {
  const folder = join(root, 'followed');
  await using reader = await LmdbOnlineStore.open(folder, 'demo');
  await using writer = await LmdbOnlineStore.open(folder, 'demo');
  const seen = async () => {
    const { rows, states } = await reader.read([{ entities: [entity], fields: [FIELD] }], ['v']);
    return [rows[0]?.[0]?.[0] ?? null, states[0] ?? null].map((bytes) => bytes && Buffer.from(bytes).toString());
  };
  assert.deepEqual(await seen(), [null, null]);
  await writer.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('row') }]);
  assert.deepEqual(await seen(), ['row', null]);
  await writer.writeState('v', null, Buffer.from('one'));
  assert.deepEqual(await seen(), ['row', 'one']);
  await writer.writeState('v', Buffer.from('one'), Buffer.from('two'));
  await writer.dropField(FIELD);
  assert.deepEqual(await seen(), [null, 'two']);
  await writer.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('again') }]);
  await writer.removeState('v', Buffer.from('two'));
  assert.deepEqual(await seen(), ['again', null]);
});

test('a database of a later format is refused', async () => {
  const folder = join(root, 'later');
  await (await LmdbOnlineStore.open(folder, 'demo'))[Symbol.asyncDispose]();
  const database = open<Buffer, Uint8Array>(folder, { keyEncoding: 'binary', encoding: 'binary', noSubdir: false });
  await database.put(layout.OWNER_KEY, layout.encodeOwner({ format: 3, project: 'demo' }));
  await database.close();
  await assert.rejects(LmdbOnlineStore.open(folder, 'demo'), fails('STORAGE_CORRUPT', /has format 3, expected 2/));
});

test('after it was closed every call says that the store is away', async () => {
  const store = await LmdbOnlineStore.open(join(root, 'closed'), 'demo');
  await store[Symbol.asyncDispose]();
  const away = fails('STORE_UNAVAILABLE', /closed/);
  await assert.rejects(store.ping(), away);
  await assert.rejects(rowsOf(store, [entity], [FIELD]), away);
  await assert.rejects(store.writeRows(FIELD, 1n, [{ entity, row: null }]), away);
});

test('a path that is a file is refused with the reason', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  await assert.rejects(LmdbOnlineStore.open(file, 'demo'), fails('STORE_UNAVAILABLE', /is a file and no folder/));
  await assert.rejects(
    LmdbOnlineStore.open(join(file, 'below'), 'demo'),
    fails('STORE_UNAVAILABLE', /is a file and no folder/),
  );
});

test("another project's folder is refused", async () => {
  const folder = join(root, 'project');
  await (await LmdbOnlineStore.open(folder, 'one'))[Symbol.asyncDispose]();
  await assert.rejects(LmdbOnlineStore.open(folder, 'two'), fails('STORE_UNAVAILABLE', /belongs to project "one"/));
});

test('a damaged database is refused, and left as it is', async () => {
  const folder = join(root, 'damaged');
  await mkdir(folder);
  await writeFile(join(folder, 'data.mdb'), Buffer.alloc(64 * 1024, 'not lmdb'));
  await assert.rejects(LmdbOnlineStore.open(folder, 'demo'), fails('STORAGE_CORRUPT', /damaged or no LMDB database/));
});

const run = (command: string, ...options: readonly string[]): void =>
  void execFileSync(command, options, { stdio: 'ignore' });

/** Mounting needs privileges; without them the test is skipped. */
function tryMount(folder: string, options: string): boolean {
  try {
    run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
    return true;
  } catch {
    return false;
  }
}
const unmount = (folder: string): void => run('umount', '-l', folder);

test('a folder on a read-only mount is refused with the reason', async (context) => {
  const folder = join(root, 'read-only');
  await mkdir(folder);
  if (!tryMount(folder, 'ro,size=1m')) return context.skip('cannot mount');
  try {
    await assert.rejects(LmdbOnlineStore.open(folder, 'demo'), fails('STORE_UNAVAILABLE', /mounted read-only/));
    await assert.rejects(
      LmdbOnlineStore.open(join(folder, 'new'), 'demo'),
      fails('STORE_UNAVAILABLE', /mounted read-only/),
    );
  } finally {
    unmount(folder);
  }
});

test('a full disk fails the batch as a whole, and the store goes on with what it had', async (context) => {
  const folder = join(root, 'full');
  await mkdir(folder);
  if (!tryMount(folder, 'size=4m')) return context.skip('cannot mount');
  try {
    await using store = await LmdbOnlineStore.open(join(folder, 'online'), 'demo');
    const keys = Array.from({ length: 500 }, (_value, index) => Buffer.from(`k${index}`));
    const writeBatch = (batch: number): Promise<{ readonly written: number }> =>
      store.writeRows(
        `v@${batch}`,
        1n,
        keys.map((key) => ({ entity: key, row: Buffer.alloc(1000, batch) })),
      );
    let batch = 0;
    const fill = async (): Promise<void> => {
      for (; batch < 20; batch += 1) await writeBatch(batch);
    };
    await assert.rejects(fill, fails('RESOURCE_EXHAUSTED', /has no space left/));
    assert.ok(batch > 1, `failed at batch ${batch}`);
    const rows = await rowsOf(store, keys, [`v@${batch - 1}`, `v@${batch}`]);
    for (const [before, failed] of rows) {
      assert.equal(before?.[0], batch - 1);
      assert.equal(failed, null);
    }
    await store.dropField('v@0');
    assert.equal((await writeBatch(0)).written, keys.length);
  } finally {
    unmount(folder);
  }
});

test('a new store on a disk that is full is refused, and leaves nothing behind', async (context) => {
  const folder = join(root, 'no-room');
  await mkdir(folder);
  if (!tryMount(folder, 'size=1m')) return context.skip('cannot mount');
  try {
    await assert.rejects(writeFile(join(folder, 'fill'), Buffer.alloc(2_000_000)), /ENOSPC/);
    await assert.rejects(
      LmdbOnlineStore.open(join(folder, 'online'), 'demo'),
      fails('RESOURCE_EXHAUSTED', /has no space left/),
    );
    await rm(join(folder, 'fill'));
    await using store = await LmdbOnlineStore.open(join(folder, 'online'), 'demo');
    await store.ping();
    assert.deepEqual((await readdir(join(folder, 'online'))).toSorted(), ['data.mdb', 'lock.mdb']);
  } finally {
    unmount(folder);
  }
});
