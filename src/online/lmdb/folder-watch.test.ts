import assert from 'node:assert/strict';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LmdbOnlineStore } from './lmdb-online-store.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-watch-'));
after(() => rm(root, { recursive: true, force: true }));
const WRITE = [{ entity: Buffer.from('a'), row: Buffer.from('b') }];

test('a write to a folder that was removed fails at once, and its loss is told once', async () => {
  const folder = join(root, 'removed');
  let losses = 0;
  await using store = await LmdbOnlineStore.open(folder, 'p', { onLost: () => losses++ });
  await store.writeRows('f', 1n, WRITE);
  await rm(folder, { recursive: true });
  for (let i = 0; i < 2; i++)
    await assert.rejects(store.writeRows('f', 1n, WRITE), { code: 'STORE_UNAVAILABLE', message: /was removed/ });
  await assert.rejects(store.ping(), { code: 'STORE_UNAVAILABLE' });
  assert.equal(losses, 1);
});

test('a folder in whose place another one came is no longer written', async () => {
  const [folder, other] = [join(root, 'replaced'), join(root, 'other')];
  await (await LmdbOnlineStore.open(other, 'p'))[Symbol.asyncDispose]();
  await using store = await LmdbOnlineStore.open(folder, 'p');
  await rename(folder, `${folder}.away`);
  await rename(other, folder);
  await assert.rejects(store.writeRows('f', 1n, WRITE), { code: 'STORE_UNAVAILABLE', message: /was replaced/ });
});

test('a database that is not there is not made where that is not wanted', async () => {
  const absent = LmdbOnlineStore.open(join(root, 'absent'), 'p', { mayCreate: false });
  await assert.rejects(absent, { code: 'STORE_UNAVAILABLE', message: /was removed/ });
});
