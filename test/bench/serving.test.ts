// The floors that serving is measured against do the work they stand for.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { requireOk } from '../../bench/measured-process.ts';
import { CASES, selectCases } from '../../bench/serving/cases.ts';
import { floorKeys } from '../../bench/serving/floor-rows.ts';
import { openFloor } from '../../bench/serving/floor-store.ts';
import { requestBodies } from '../../bench/serving/request-bodies.ts';
import { startServerProcess } from '../../bench/serving/server-process.ts';
import { RedisServer } from '../servers/redis.ts';

const SERVING = join(import.meta.dirname, '..', '..', 'bench', 'serving');
const folder = await mkdtemp(join(tmpdir(), 'plumb-serving-test-'));
after(() => rm(folder, { recursive: true, force: true }));

const ROWS = ['1,"a"', '2,"ü"', '3,null'];

for (const kind of ['lmdb', 'redis'] as const) {
  test(`the floor of lookups joins the rows of one read: ${kind}`, async () => {
    await using stack = new AsyncDisposableStack();
    const place = kind === 'redis' ? stack.use(await RedisServer.start()).url : join(folder, 'floor');
    {
      await using store = await openFloor(kind, place);
      await store.write(ROWS.map((row, i) => [`s:${i}`, Buffer.from(row)]));
    }
    const server = stack.use(await startServerProcess([join(SERVING, 'floor-server.ts'), kind, place], folder));
    const body = JSON.stringify({ service: 's', entities: [{ user_id: 2 }, { user_id: 0 }, { user_id: 2 }] });
    const response = await fetch(`${server.url}/v1/online-features`, { method: 'POST', body });
    assert.deepEqual(await response.json(), {
      rows: [
        [3, null],
        [1, 'a'],
        [3, null],
      ],
    });
  });
}

test('the floor reads an entity that many rows share once, and joins its values with those of the others', () => {
  const entities = [
    { user_id: 7, item_id: 1 },
    { user_id: 7, item_id: 2 },
    { user_id: 7, item_id: 1 },
  ];
  assert.deepEqual(floorKeys({ service: 'ranking', entities }), {
    keys: ['mixed:7', 'items:1', 'items:2'],
    places: [0, 1, 0, 2, 0, 1],
  });
});

test('cases are chosen by name or by their first word, with what they are measured against', () => {
  const names = (chosen: readonly string[] | null) => selectCases(chosen).map(({ name }) => name);
  assert.deepEqual(names(['three-views-1', 'wide']), ['mixed-1', 'wide-1', 'wide-100', 'three-views-1']);
  assert.equal(new Set(names(null)).size, CASES.length);
  assert.throws(() => selectCases(['mixed-7']), /found mixed-7, expected mixed-1, /);
});

test('bodies repeat by seed; one user beside many items is the same user in each entity', () => {
  const [asked] = selectCases(['ranking-500']);
  assert.ok(asked !== undefined);
  assert.deepEqual(requestBodies(asked, 100, 3), requestBodies(asked, 100, 3));
  assert.notDeepEqual(requestBodies(asked, 100, 3), requestBodies(asked, 100, 4));
  const { entities } = JSON.parse(requestBodies(asked, 100, 3)[0] as string);
  assert.equal(entities.length, 500);
  const counted = (key: string) => new Set(entities.map((entity: Record<string, number>) => entity[key])).size;
  assert.equal(counted('user_id'), 1);
  assert.ok(counted('item_id') > 50);
});

test('the floor of materializations writes the same hashes again', async () => {
  await using server = await RedisServer.start();
  const redis = new Redis(server.url);
  const before = Array.from({ length: 2_500 }, (_, i) => ({
    key: Buffer.from([0xff, i >> 8, i & 0xff]),
    fields: [Buffer.from('g0'), Buffer.from([0x80, 0, i & 0xff]), Buffer.from([0xfe]), Buffer.from(String(i))],
  }));
  const pipeline = redis.pipeline();
  for (const { key, fields } of before) pipeline.hset(key, ...fields);
  await pipeline.exec();
  await redis.set('state', 'no hash');
  const args = [join(SERVING, 'hset-floor.ts'), server.url];
  const told = JSON.parse(await requireOk({ args, cwd: folder, timeoutSeconds: 60 }));
  const bytes = before.reduce((sum, { fields }) => sum + Buffer.concat(fields).length, 0);
  assert.deepEqual([told.rows, told.bytes, await redis.dbsize()], [2_500, bytes, 2_500]);
  assert.ok(told.seconds > 0);
  for (const { key, fields } of before.slice(-3)) assert.deepEqual(await redis.callBuffer('HGETALL', key), fields);
  await redis.quit();
});
