// Streams in Redis: which servers take them, and the bytes that they leave there.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { encoderFor } from '../../../src/online/entity-key.ts';
import { fieldId } from '../../../src/online/redis/redis-layout.ts';
import { COMMIT_STREAM } from '../../../src/online/redis/stream-script.ts';
import type { SentinelKey, StreamStore, StreamTransaction } from '../../../src/online/stream-store.ts';
import { RedisServer } from '../../servers/redis.ts';
import { until } from '../../waiting.ts';
import { rowsOf, textOf } from './reading.ts';
import { newProject, redisStore, redisStoreAt } from './redis-store.ts';

const server = await RedisServer.start();
const raw = new Redis(server.port);
after(async () => {
  raw.disconnect();
  await server[Symbol.asyncDispose]();
});

const FIELD = 'profile@0123456789abcdef-0';
const KEY: SentinelKey = { field: FIELD, source: 'clicks', partition: 258 };
const ENTITY = encoderFor(['user'], [{ type: 'int64' }]).encode([1n]);
const FIRST: StreamTransaction = {
  sentinels: [{ key: KEY, expected: null, next: Buffer.from('s1') }],
  writes: [{ entity: ENTITY, field: FIELD, expectedVersion: null, next: Buffer.from('entry') }],
};
const entityKey = (project: string): Buffer => Buffer.concat([Buffer.from(`plumb:${project}:e:`), ENTITY]);

test('golden bytes', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  assert.equal(await store.streams().commit(FIRST), true);
  const sentinel = Buffer.concat([Buffer.from(`${FIELD}\0clicks\0`), Buffer.from([0, 0, 1, 2])]);
  assert.equal(String(await raw.hgetBuffer(`plumb:${project}:sentinels`, sentinel)), 's1');
  assert.equal(await raw.hlen(`plumb:${project}:sentinels`), 1);
  assert.equal(String(await raw.hgetBuffer(`plumb:${project}:fields`, fieldId(FIELD))), FIELD);
  assert.equal(await raw.hget(`plumb:${project}:meta`, 'format'), '1');
  const record = (await raw.hgetBuffer(entityKey(project), fieldId(FIELD))) as Buffer;
  const read = await store.streams().read({ entities: [ENTITY], fields: [FIELD] }, []);
  assert.equal(record.readBigUInt64BE(0), read.entries[0]?.[0]?.version);
  assert.equal(record.subarray(8).toString('latin1'), '\u0001entry');
});

test('a key that would expire stays for as long as an entry is in it', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  await store.writeRows('w@1', 1n, [{ entity: ENTITY, row: Buffer.from('row'), lifeMillis: 60_000 }]);
  assert.ok((await raw.pttl(entityKey(project))) > 0);
  assert.equal(await store.streams().commit(FIRST), true);
  assert.equal(await raw.pttl(entityKey(project)), -1);
  await store.writeRows('w@1', 2n, [{ entity: ENTITY, row: Buffer.from('row'), lifeMillis: 60_000 }]);
  assert.equal(await raw.pttl(entityKey(project)), -1);
});

test('a server that forgot its scripts gets the whole one', async () => {
  await using store = redisStore(server.url);
  await raw.script('FLUSH');
  assert.equal(await store.streams().commit(FIRST), true);
  assert.deepEqual(await raw.script('EXISTS', COMMIT_STREAM.sha), [1]);
});

test('nothing changes where a record is none, or a field has the id of another one', async () => {
  const project = newProject();
  await using store = redisStore(server.url, { project });
  await raw.hset(entityKey(project), fieldId(FIELD), 'short');
  await assert.rejects(store.streams().commit(FIRST), { code: 'STORAGE_CORRUPT', message: /none of this format/ });
  await raw.hset(`plumb:${project}:fields`, fieldId(FIELD), 'other@1');
  await assert.rejects(store.streams().commit(FIRST), {
    code: 'STORAGE_CORRUPT',
    message: /and other@1 have the same id/,
  });
  assert.equal(await raw.exists(`plumb:${project}:sentinels`), 0);
});

const callsOf = (streams: StreamStore): readonly (() => Promise<unknown>)[] => [
  () => streams.read({ entities: [ENTITY], fields: [FIELD] }, [KEY]),
  () => streams.commit(FIRST),
  () => streams.listSentinels(),
  () => streams.dropSentinels(FIELD),
];

test('a server that may drop keys is refused, until it may not', async () => {
  await using dropping = await RedisServer.start({ extra: ['--maxmemory-policy', 'volatile-lru'] });
  await using store = redisStore(dropping.url);
  const refused = { code: 'INVALID_CONFIG', message: /has the maxmemory-policy volatile-lru, expected noeviction/ };
  for (const call of callsOf(store.streams())) await assert.rejects(call, refused);
  assert.deepEqual(await store.listFields(), []);
  const admin = new Redis(dropping.port);
  await admin.config('SET', 'maxmemory-policy', 'noeviction');
  admin.disconnect();
  for (const call of callsOf(store.streams())) await call();
});

test('a full server takes no half of a commit', async () => {
  await using full = await RedisServer.start({ extra: ['--maxmemory', '6mb'] });
  await using store = redisStore(full.url);
  const streams = store.streams();
  assert.equal(await streams.commit(FIRST), true);
  const large = (index: number): StreamTransaction => ({
    sentinels: [{ key: KEY, expected: Buffer.from(`s${index}`), next: Buffer.from(`s${index + 1}`) }],
    writes: ['a', 'b'].map((name) => ({
      entity: Buffer.from(`${name}${index}`),
      field: FIELD,
      expectedVersion: null,
      next: Buffer.alloc(500_000),
    })),
  });
  let done = 1;
  await assert.rejects(
    async () => {
      for (; done < 50; done += 1) assert.equal(await streams.commit(large(done)), true);
    },
    { code: 'RESOURCE_EXHAUSTED' },
  );
  const read = await streams.read({ entities: [], fields: [] }, [KEY]);
  assert.equal(textOf(read.sentinels[0]), `s${done}`);
  const rows = await rowsOf(store, [Buffer.from(`a${done}`), Buffer.from(`b${done}`)], [FIELD]);
  assert.deepEqual(rows, [[null], [null]]);
});

test('a Cluster is refused, under its own addresses and as a single server', async () => {
  await using alone = await RedisServer.start({ extra: ['--cluster-enabled', 'yes'] });
  const admin = new Redis(alone.port);
  await admin.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_none, slot) => slot));
  await until(async () => String(await admin.cluster('INFO')).includes('cluster_state:ok'));
  admin.disconnect();
  await using single = redisStore(alone.url);
  await using cluster = redisStoreAt({ urls: [alone.url] });
  for (const store of [single, cluster]) {
    await store.writeRows(FIELD, 1n, [{ entity: ENTITY, row: Buffer.from('row') }]);
    for (const call of callsOf(store.streams()))
      await assert.rejects(call, { code: 'NOT_SUPPORTED', message: /not written to a Redis Cluster/ });
    assert.deepEqual(
      (await rowsOf(store, [ENTITY], [FIELD])).map((row) => row.map(textOf)),
      [['row']],
    );
    await store.dropField(FIELD);
  }
});
