// The keys of a server, over a real storage that can be made to fail.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import type { KeyAccess } from '../../schemas/roles.ts';
import { until } from '../../test/waiting.ts';
import { nowMicros } from '../instant.ts';
import { makeKeyText } from '../key-text.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { KeyRing } from './key-ring.ts';
import { Keys } from './keys.ts';
import { keyObject } from './stored-key.ts';

const READ: KeyAccess = { role: 'reader', about: 'service' };
const READER = { name: null, role: 'reader', limitedTo: null, expiresAtMicros: null } as const;
const SOON = 20;

async function world(staleMillis = 60_000) {
  const store = new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-ring-')) });
  const told: string[] = [];
  const reads: string[] = [];
  let isAway = false;
  const watched = {
    list: (prefix: string) => {
      if (isAway) return Promise.reject(new PlumbError('STORAGE_UNAVAILABLE', 'away'));
      return store.list(prefix);
    },
    get: (key: string) => {
      reads.push(key);
      return store.get(key);
    },
  };
  const logger = {
    info: (_: object, m: string) => void told.push(m),
    warn: (_: object, m: string) => void told.push(m),
  };
  return {
    ...{ store, keys: new Keys(store), told, reads },
    ring: () => new KeyRing({ store: watched, staleMillis, logger, everyMillis: SOON }),
    setAway: (away: boolean) => {
      isAway = away;
    },
  };
}

function reasonOf(ring: KeyRing, authorization: string | undefined): string {
  try {
    return `key ${ring.admit(authorization, READ).keyId}`;
  } catch (error) {
    if (!(error instanceof PlumbError)) throw error;
    return error.code === 'UNAUTHENTICATED' ? String(error.details.reason) : error.code;
  }
}

const comesTo = (ring: KeyRing, text: string, expected: string) =>
  until(
    async () => reasonOf(ring, `Bearer ${text}`) === expected,
    (is) => is,
  );

test('a key is taken once it was made, and no more once it is revoked, expired or removed', async () => {
  const { keys, store, ring: start } = await world();
  await using ring = start();
  const { text, key } = await keys.create(READER);
  await comesTo(ring, text, `key ${key.id}`);
  await keys.revoke(key.id);
  await comesTo(ring, text, 'revoked');
  await store.delete([keyObject(key.id)]);
  await comesTo(ring, text, 'unknown');
  const short = await keys.create({ ...READER, expiresAtMicros: nowMicros() + 300_000n });
  await comesTo(ring, short.text, `key ${short.key.id}`);
  await comesTo(ring, short.text, 'expired');
});

test('what is no key of the server is refused, and why is told', async () => {
  const { keys, ring: start } = await world();
  const { text, key } = await keys.create(READER);
  const other = makeKeyText();
  await using ring = start();
  await ring.ready();
  const lastChanged = text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a');
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'missing'],
    ['', 'missing'],
    [text, 'malformed'],
    [`Basic ${text}`, 'malformed'],
    [`Bearer${text}`, 'malformed'],
    ['Bearer ', 'malformed'],
    [`Bearer ${text.slice(0, -1)}`, 'malformed'],
    [`Bearer ${text}x`, 'malformed'],
    [`Bearer ${text}, Bearer ${text}`, 'malformed'],
    [`Bearer ${lastChanged}`, 'malformed'],
    [`Bearer ${text.toLowerCase()}`, 'malformed'],
    [`Bearer plumb_${'é'.repeat(62)}`, 'malformed'],
    [`Bearer ${'x'.repeat(16_000)}`, 'malformed'],
    [`Bearer ${other}`, 'unknown'],
    // The id of one key with the secret of another.
    [`Bearer ${text.slice(0, 19)}${other.slice(19)}`, 'malformed'],
    [`Bearer ${text}`, `key ${key.id}`],
    [`bearer ${text}`, `key ${key.id}`],
    [`BEARER   ${text}`, `key ${key.id}`],
  ];
  for (const [authorization, expected] of cases) assert.equal(reasonOf(ring, authorization), expected, authorization);
});

test('while the storage is away the known keys are taken, and after the stated time none is', async () => {
  const { keys, ring: start, setAway, told } = await world(400);
  const { text, key } = await keys.create(READER);
  await using ring = start();
  await ring.ready();
  setAway(true);
  await until(async () => told.some((message) => message.includes('cannot be read')));
  assert.equal(reasonOf(ring, `Bearer ${text}`), `key ${key.id}`);
  await comesTo(ring, text, 'STORAGE_UNAVAILABLE');
  assert.equal(reasonOf(ring, undefined), 'STORAGE_UNAVAILABLE');
  await assert.rejects(ring.ready(), { code: 'STORAGE_UNAVAILABLE' });
  setAway(false);
  await comesTo(ring, text, `key ${key.id}`);
  assert.equal(told.filter((message) => message.includes('cannot be read')).length, 1, 'told once');
});

test('a storage that was away from the start lets nobody in', async () => {
  const { ring: start, setAway } = await world();
  setAway(true);
  await using ring = start();
  assert.equal(reasonOf(ring, `Bearer ${makeKeyText()}`), 'STORAGE_UNAVAILABLE');
});

test('only records that changed are read again; a damaged one is told once, and its key unknown', async () => {
  const { keys, store, ring: start, reads, told } = await world();
  const [one, two] = [await keys.create(READER), await keys.create(READER)];
  await using ring = start();
  await comesTo(ring, two.text, `key ${two.key.id}`);
  await store.put(keyObject(one.key.id), Buffer.from('{}'));
  await comesTo(ring, one.text, 'unknown');
  await until(async () => told.length > 0);
  assert.equal(reads.filter((key) => key === keyObject(two.key.id)).length, 1);
  assert.equal(told.filter((message) => message.includes('damaged')).length, 1);
});

test('a server without any key says so', async () => {
  const { ring: start, told } = await world();
  await using ring = start();
  await ring.ready();
  assert.match(told.join(), /nobody has a key yet/);
});
