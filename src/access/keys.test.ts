import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { nowMicros } from '../instant.ts';
import { keyIdOf, makeKeyText } from '../key-text.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { Keys, stateOf } from './keys.ts';
import { keyObject } from './stored-key.ts';

const newStore = async () => new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-keys-')) });
const READER = { name: null, role: 'reader', limitedTo: null, expiresAtMicros: null } as const;

test('what is stored of a key does not hold its secret', async () => {
  const store = await newStore();
  const { text, key } = await new Keys(store).create({ ...READER, name: 'shop' });
  assert.equal(key.id, keyIdOf(text));
  const stored = Buffer.from((await store.get(keyObject(key.id))) ?? []).toString();
  assert.ok(!stored.includes(text.slice(19)) && !stored.includes(text.slice(19, 30)), stored);
  assert.deepEqual((await new Keys(store).list()).keys, [key]);
});

test('a key is active, until it expires or is revoked', async () => {
  const keys = new Keys(await newStore());
  const { key } = await keys.create({ ...READER, expiresAtMicros: nowMicros() + 3_600_000_000n });
  assert.equal(stateOf(key, nowMicros()), 'active');
  assert.equal(stateOf(key, nowMicros() + 3_600_000_000n), 'expired');
  const revoked = await keys.revoke(key.id);
  assert.equal(stateOf(revoked, nowMicros()), 'revoked');
  assert.deepEqual(await keys.revoke(key.id), revoked, 'once more changes nothing');
});

test('a key may be revoked by itself, and one that is not there is named without its secret', async () => {
  const keys = new Keys(await newStore());
  const { text, key } = await keys.create(READER);
  assert.equal((await keys.revoke(text)).id, key.id);
  const other = makeKeyText();
  for (const [unknown, secret] of [
    [other, other.slice(19)],
    ['plumb_', 'plumb_'],
    ['../registry/00000001', 'registry'],
    ['', 'registry'],
  ] as const) {
    await assert.rejects(keys.revoke(unknown), (error) => {
      assert.ok(error instanceof PlumbError && error.code === 'UNKNOWN_NAME');
      assert.ok(error.message.includes(key.id) && !error.message.includes(secret), error.message);
      return true;
    });
  }
});

test('a record that is damaged, or lies under the name of another key, is told and does not hide the others', async () => {
  const store = await newStore();
  const keys = new Keys(store);
  const { key } = await keys.create(READER);
  const other = keyIdOf(makeKeyText());
  await store.put(keyObject(other), (await store.get(keyObject(key.id))) as Uint8Array);
  const broken = keyIdOf(makeKeyText());
  await store.put(keyObject(broken), Buffer.from('{'));
  await store.put('keys/README.json', Buffer.from('{}'));
  const listing = await keys.list();
  assert.deepEqual(listing.keys, [key]);
  assert.deepEqual(listing.damaged.toSorted(), [other, broken].toSorted());
  await assert.rejects(keys.revoke(broken), { code: 'STORAGE_CORRUPT' });
});

test('there are at most a thousand', async () => {
  const ids = Array.from({ length: 1000 }, () => ({ key: keyObject(keyIdOf(makeKeyText())) }));
  const full = {
    list: async () => ids as never,
    get: async () => null,
    put: async () => {},
    putIfAbsent: async () => true,
  };
  await assert.rejects(new Keys(full).create(READER), { code: 'TOO_LARGE' });
});
