// When keys of Redis expire, and fields where the server can. Times are what the server says that is left, so nothing waits.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RowWrite } from '../../../src/online/online-store.ts';
import { fieldId } from '../../../src/online/redis/redis-layout.ts';
import { rowsOf, textOf } from './reading.ts';
import { newProject, redisStore } from './redis-store.ts';

const HOUR = 3_600_000;
/** What a slow machine may lose between a write and a look at it. */
const SLACK = 60_000;
const FOR_EVER = -1;
const NO_KEY = -2;

const row = (entity: string, lifeMillis: number | null): RowWrite => ({
  entity: Buffer.from(entity),
  row: Buffer.from('row'),
  lifeMillis,
});
const gone = (entity: string, lifeMillis: number | null): RowWrite => ({ ...row(entity, lifeMillis), row: null });

export function redisExpirySuite(name: string, url: string, fieldsExpire: boolean): void {
  const check = (sentence: string, body: (parts: Parts) => Promise<void>): void => {
    test(sentence, async () => {
      const project = newProject();
      await using store = redisStore(url, { project });
      const raw = new Redis(url);
      try {
        await body({
          store,
          raw,
          left: (entity) => raw.pttl(`plumb:${project}:e:${entity}`),
          fieldLeft: async (entity, field) =>
            ((await raw.call('HPTTL', `plumb:${project}:e:${entity}`, 'FIELDS', 1, fieldId(field))) as number[])[0] ??
            0,
        });
      } finally {
        raw.disconnect();
      }
    });
  };
  const assertLeft = (left: number, expected: number): void =>
    assert.ok(left <= expected && left > expected - SLACK, `${left} ms are left, expected ${expected}`);

  describe(`${name}: expiry`, () => {
    check('a key expires when its row is over', async ({ store, left }) => {
      await store.writeRows('v@1', 1n, [row('a', HOUR), row('b', 2 * HOUR), row('c', null), gone('d', HOUR)]);
      assertLeft(await left('a'), HOUR);
      assertLeft(await left('b'), 2 * HOUR);
      assert.equal(await left('c'), FOR_EVER);
      assertLeft(await left('d'), HOUR);
    });

    check('with the last of its rows, in whatever order they come', async ({ store, left }) => {
      await store.writeRows('v@1', 1n, [row('a', HOUR), row('b', 3 * HOUR)]);
      await store.writeRows('w@1', 1n, [row('a', 2 * HOUR), row('b', 2 * HOUR)]);
      assertLeft(await left('a'), 2 * HOUR);
      assertLeft(await left('b'), 3 * HOUR);
      await store.writeRows('v@1', 2n, [row('a', HOUR), row('b', HOUR)]);
      assertLeft(await left('a'), 2 * HOUR);
      assertLeft(await left('b'), 3 * HOUR);
    });

    check('never while a row in it stays for ever', async ({ store, left }) => {
      await store.writeRows('v@1', 1n, [row('a', HOUR), row('b', null)]);
      await store.writeRows('w@1', 1n, [row('a', null), row('b', HOUR)]);
      assert.deepEqual([await left('a'), await left('b')], [FOR_EVER, FOR_EVER]);
      await store.writeRows('v@1', 2n, [row('a', HOUR)]);
      assert.equal(await left('a'), FOR_EVER);
    });

    check(
      'a tombstone that stays for ever does not hold a key that expires, and a row in its place does',
      async (parts) => {
        const { store, left } = parts;
        await store.writeRows('v@1', 1n, [row('a', HOUR)]);
        await store.writeRows('w@1', 1n, [gone('a', null)]);
        assertLeft(await left('a'), HOUR);
        await store.writeRows('w@1', 1n, [row('a', null)]);
        assert.equal(await left('a'), FOR_EVER);
      },
    );

    check('a write that is fenced off, or the same one again, changes nothing', async ({ store, left }) => {
      await store.writeRows('v@1', 5n, [row('a', HOUR), row('b', null)]);
      await store.writeRows('v@1', 4n, [row('a', 9 * HOUR), row('b', HOUR)]);
      await store.writeRows('v@1', 5n, [row('a', HOUR)]);
      assertLeft(await left('a'), HOUR);
      assert.equal(await left('b'), FOR_EVER);
    });

    check('what lives longer than Redis can count lives very long', async ({ store, left }) => {
      await store.writeRows('v@1', 1n, [row('a', 1e30)]);
      assert.ok((await left('a')) > 5e13);
    });

    check('an expired row reads as none, and its key can be written again', async ({ store, left }) => {
      await store.writeRows('v@1', 9n, [row('a', 1)]);
      await sleep(30);
      assert.equal(await left('a'), NO_KEY);
      const read = async () => textOf((await rowsOf(store, [Buffer.from('a')], ['v@1']))[0]?.[0]);
      assert.equal(await read(), null);
      assert.deepEqual(await store.writeRows('v@1', 10n, [row('a', HOUR)]), { written: 1 });
      assert.equal(await read(), 'row');
      assertLeft(await left('a'), HOUR);
    });

    check('states, fields and format stay', async ({ store, raw }) => {
      const before = (await raw.keys('*:e:*')).length;
      await store.writeRows('v@1', 1n, [row('a', 1)]);
      await store.writeState('v', null, Buffer.from('state'));
      await sleep(30);
      assert.deepEqual(await store.listFields(), ['v@1']);
      assert.equal((await store.listStates()).size, 1);
      assert.ok((await raw.keys('*:e:*')).length <= before);
    });

    check('lives of many rows, each its own', async ({ store, left }) => {
      const writes = Array.from({ length: 1500 }, (_value, index) =>
        row(`k${index}`, index % 5 === 0 ? null : HOUR * index),
      );
      await store.writeRows('v@1', 1n, writes);
      for (const index of [1, 254, 255, 256, 257, 999, 1499]) {
        if (index % 5 === 0) assert.equal(await left(`k${index}`), FOR_EVER);
        else assertLeft(await left(`k${index}`), HOUR * index);
      }
    });

    if (!fieldsExpire) return;
    check('each field expires by itself', async ({ store, left, fieldLeft }) => {
      await store.writeRows('v@1', 1n, [row('a', HOUR), row('b', 1)]);
      await store.writeRows('w@1', 1n, [row('a', 2 * HOUR), row('b', null)]);
      assertLeft(await fieldLeft('a', 'v@1'), HOUR);
      assertLeft(await fieldLeft('a', 'w@1'), 2 * HOUR);
      await sleep(30);
      const rows = await rowsOf(store, [Buffer.from('b')], ['v@1', 'w@1']);
      assert.deepEqual(rows[0]?.map(textOf), [null, 'row']);
      assert.equal(await left('b'), FOR_EVER);
    });

    check('a field that is written again lives anew, longer, shorter or for ever', async ({ store, fieldLeft }) => {
      await store.writeRows('v@1', 1n, [row('a', 2 * HOUR), row('b', 2 * HOUR), row('c', HOUR)]);
      await store.writeRows('v@1', 2n, [row('a', HOUR), row('b', null), row('c', 3 * HOUR)]);
      assertLeft(await fieldLeft('a', 'v@1'), HOUR);
      assert.equal(await fieldLeft('b', 'v@1'), FOR_EVER);
      assertLeft(await fieldLeft('c', 'v@1'), 3 * HOUR);
    });
  });
}

interface Parts {
  readonly store: ReturnType<typeof redisStore>;
  readonly raw: Redis;
  /** Milliseconds until the key expires. */
  readonly left: (entity: string) => Promise<number>;
  readonly fieldLeft: (entity: string, field: string) => Promise<number>;
}
