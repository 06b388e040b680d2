// The bytes in Redis, as docs/specs/redis-layout.md says: other versions of Plumb read them, so they do not change unseen.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { PlumbError } from '../../../schemas/errors.ts';
import { encoderFor } from '../../../src/online/entity-key.ts';
import { fieldId } from '../../../src/online/redis/redis-layout.ts';
import { WRITE_ROWS, WRITE_STATE } from '../../../src/online/redis/redis-scripts.ts';
import { RedisServer } from '../../servers/redis.ts';
import { rowsOf, stateOf } from './reading.ts';
import { newProject, redisStore } from './redis-store.ts';

const server = await RedisServer.start();
const raw = new Redis(server.port);
after(async () => {
  raw.disconnect();
  await server[Symbol.asyncDispose]();
});

const FIELD = 'profile@0123456789abcdef-0';
const fails = (code: ErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PlumbError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return true;
};

/** Every key of the server: its name in latin1, and its hash with names and values in hex. */
async function dump(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  const hashes: Record<string, Record<string, string>> = {};
  for (const key of await raw.keysBuffer('*')) {
    const items = (await raw.callBuffer('HGETALL', key)) as Buffer[];
    const hash: Record<string, string> = {};
    for (let i = 0; i < items.length; i += 2)
      hash[String(items[i]?.toString('hex'))] = String(items[i + 1]?.toString('hex'));
    hashes[key.toString('latin1')] = hash;
  }
  return hashes;
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

test('golden bytes', async () => {
  await raw.flushall();
  await using store = redisStore(server.url, { project: 'demo' });
  const entity = encoderFor(['user'], [{ type: 'int64' }]).encode([1n]);
  const gone = encoderFor(['user'], [{ type: 'int64' }]).encode([2n]);
  await store.writeRows(FIELD, 2n ** 53n + 1n, [
    { entity, row: Buffer.from('row') },
    { entity: gone, row: null },
  ]);
  await store.writeState('profile', null, Buffer.from('{"state":1}'));
  assert.deepEqual(await dump(), {
    'plumb:demo:e:\u0001user\0\u0004\u0080\0\0\0\0\0\0\u0001': {
      bbac93023924: `0020000000000001${'01'}${hex('row')}`,
    },
    'plumb:demo:e:\u0001user\0\u0004\u0080\0\0\0\0\0\0\u0002': { bbac93023924: '002000000000000100' },
    'plumb:demo:fields': { bbac93023924: hex(FIELD) },
    'plumb:demo:states': { [hex('sprofile')]: hex('{"state":1}'), [hex('dprofile')]: 'a491a7b7a24b52ae6dd7dbcb' },
    'plumb:demo:meta': { [hex('format')]: hex('1') },
  });
});

test('a project sees nothing of another one, and a dropped field leaves nothing behind', async () => {
  await raw.flushall();
  await using one = redisStore(server.url, { project: 'one' });
  await using two = redisStore(server.url, { project: 'one-more' });
  const entity = Buffer.from('a');
  await one.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('1') }]);
  await two.writeRows(FIELD, 1n, [{ entity, row: Buffer.from('2') }]);
  await one.writeState('profile', null, Buffer.from('state'));
  assert.equal(await stateOf(two, 'profile'), null);
  await one.dropField(FIELD);
  assert.equal(Buffer.from((await rowsOf(two, [entity], [FIELD]))[0]?.[0] ?? []).toString(), '2');
  assert.deepEqual((await raw.keys('plumb:one:*')).toSorted(), ['plumb:one:meta', 'plumb:one:states']);
});

test('a newer layout, and keys of another kind, are refused and left as they are', async () => {
  const project = newProject();
  await raw.hset(`plumb:${project}:meta`, 'format', '2');
  await using newer = redisStore(server.url, { project });
  const refused = fails('STORAGE_CORRUPT', /format 2, expected 1: use the version of Plumb that wrote it/);
  await assert.rejects(newer.ping(), refused);
  await assert.rejects(newer.writeRows(FIELD, 1n, [{ entity: Buffer.from('a'), row: null }]), refused);
  assert.deepEqual(await raw.keys(`plumb:${project}:*`), [`plumb:${project}:meta`]);

  const other = newProject();
  await raw.set(`plumb:${other}:states`, 'text');
  await using foreign = redisStore(server.url, { project: other });
  await assert.rejects(stateOf(foreign, 'v'), fails('STORAGE_CORRUPT', /of another kind.*WRONGTYPE/));
});

test('a layout that becomes a newer one under a running server is not written to', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  await store.ping();
  await raw.hset(`plumb:${project}:meta`, 'format', '2');
  const write = store.writeRows(FIELD, 1n, [{ entity: Buffer.from('a'), row: Buffer.from('x') }]);
  await assert.rejects(write, fails('STORAGE_CORRUPT', /format 2/));
  await assert.rejects(store.writeState('v', null, Buffer.from('x')), fails('STORAGE_CORRUPT', /format 2/));
});

test('a field whose id another field has is refused', async () => {
  const project = newProject();
  await raw.hset(`plumb:${project}:fields`, fieldId(FIELD), 'another@1');
  await using store = redisStore(server.url, { project });
  const write = store.writeRows(FIELD, 1n, [{ entity: Buffer.from('a'), row: null }]);
  await assert.rejects(write, fails('STORAGE_CORRUPT', /profile@.* and another@1 have the same id/));
  await store.dropField(FIELD);
  assert.deepEqual(await store.listFields(), ['another@1']);
});

test('a drop that was cut off is listed, and finished by the next one', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  const writes = ['a', 'b'].map((name) => ({ entity: Buffer.from(name), row: Buffer.from('x') }));
  await store.writeRows(FIELD, 1n, writes);
  await raw.hdel(`plumb:${project}:fields`, fieldId(FIELD));
  await raw.hset(`plumb:${project}:fields`, Buffer.concat([Buffer.from('-'), fieldId(FIELD)]), FIELD);
  await raw.del(`plumb:${project}:e:a`);
  assert.deepEqual(await store.listFields(), [FIELD]);
  await store.dropField(FIELD);
  assert.deepEqual(await store.listFields(), []);
  assert.deepEqual(await raw.keys(`plumb:${project}:*`), [`plumb:${project}:meta`]);
});

test('a record that is none is told, not served', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  const entity = Buffer.from('a');
  for (const record of ['', 'short', `${'\0'.repeat(8)}\u0007row`]) {
    await raw.hset(`plumb:${project}:e:a`, fieldId(FIELD), record);
    await assert.rejects(rowsOf(store, [entity], [FIELD]), fails('STORAGE_CORRUPT', /none of this format/));
  }
});

test('regression: a write over a record that is none is refused as STORAGE_CORRUPT', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  const write = () => store.writeRows(FIELD, 1n, [{ entity: Buffer.from('a'), row: Buffer.from('x') }]);
  for (const record of ['', 'short', '12345678']) {
    await raw.hset(`plumb:${project}:e:a`, fieldId(FIELD), record);
    await assert.rejects(write(), fails('STORAGE_CORRUPT', /holds a row record that is none of this format/));
    assert.equal(await raw.hget(`plumb:${project}:e:a`, fieldId(FIELD)), record);
  }
});

test('regression: a batch that is cut off after its field was dropped leaves no rows of a field that is not listed', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  const row = Buffer.alloc(500);
  const writes = Array.from({ length: 50_000 }, (_value, index) => ({ entity: Buffer.from(`k${index}`), row }));
  const exists = (index: number): Promise<number> => raw.exists(`plumb:${project}:e:k${index}`);
  // Here the batch ends.
  await raw.hset(`plumb:${project}:e:k40000`, fieldId(FIELD), 'short');
  const writing = assert.rejects(store.writeRows(FIELD, 1n, writes), fails('STORAGE_CORRUPT', /none of this format/));
  while ((await exists(0)) === 0);
  // As a drop does whose scan has passed the rows that come now.
  await raw.hdel(`plumb:${project}:fields`, fieldId(FIELD));
  assert.equal(await exists(30_000), 0, 'the drop came in the middle');
  await writing;
  assert.deepEqual([await exists(30_000), await exists(49_999)], [1, 0], 'the batch was cut off');
  assert.deepEqual(await store.listFields(), [FIELD]);
  await store.dropField(FIELD);
  assert.deepEqual(await raw.keys(`plumb:${project}:e:*`), []);
});

test('scripts touch declared keys only, and no key of ours has a hash tag', async () => {
  for (const { lua } of [WRITE_ROWS, WRITE_STATE]) {
    const calls = [...lua.matchAll(/\bcall\('(\w+)', ([^,)]+)/g)];
    assert.ok(calls.length >= 2);
    for (const [, command, key] of calls) assert.match(String(key), /^KEYS\[/, command);
  }
  await raw.flushall();
  await using store = redisStore(server.url);
  await store.writeRows(FIELD, 1n, [{ entity: Buffer.from('a'), row: Buffer.from('x') }]);
  await store.writeState('v', null, Buffer.from('x'));
  assert.equal((await raw.keys('*{*')).length, 0);
});
