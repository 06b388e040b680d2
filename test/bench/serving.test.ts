// The floors that serving is measured against do the work they stand for.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { requireOk } from '../../bench/measured-process.ts';
import { openFloor } from '../../bench/serving/floor-store.ts';
import { startServerProcess } from '../../bench/serving/server-process.ts';
import { RedisServer } from '../servers/redis.ts';

const SERVING = join(import.meta.dirname, '..', '..', 'bench', 'serving');
const folder = await mkdtemp(join(tmpdir(), 'plumb-serving-test-'));
after(() => rm(folder, { recursive: true, force: true }));

const ROWS = ['[1,"a"]', '[2,"ü"]', '[3,null]'];

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
