// Collections on a real Redis: what does not expire by itself is swept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisStore } from '../contract/online-store/redis-store.ts';
import { sharedRedis } from '../servers/redis.ts';
import { AgedProject, DAY_MILLIS, HOUR_MILLIS, movedClock, USERS } from './retention/aged-project.ts';

const clock = movedClock(Date.parse('2030-01-01T00:00:00Z'));
const T = Date.parse('2021-05-01T00:00:00Z');

test('rows past their need leave keys that stay, tombstones and former generations leave too', async () => {
  await using aged = await AgedProject.create(redisStore((await sharedRedis()).url));
  await aged.apply();
  const rows = Array.from({ length: USERS }, (_value, user) => ({
    user,
    at: T - user * 12 * HOUR_MILLIS - 1,
    value: user,
  }));
  await aged.add(rows);
  const gc = async (request = {}) =>
    Object.fromEntries((await aged.gc(request)).removed.map(({ kind, name, items }) => [`${kind} ${name}`, items]));
  const statuses = async (place: number) => (await aged.answers(T)).statuses.map((row) => row[place]);
  await aged.materialize(T, 'full');
  await aged.materialize(T, 'full');
  assert.deepEqual(Object.keys(await gc()).filter((what) => what.startsWith('generation')).length, 3);
  clock.pass(DAY_MILLIS);
  assert.equal((await gc())['rows fresh'], undefined);
  clock.pass(36 * HOUR_MILLIS);
  assert.equal((await gc({ dryRun: true }))['rows fresh'], 3);
  assert.deepEqual(await statuses(0), Array(USERS).fill('PRESENT'));
  assert.equal((await gc())['rows fresh'], 3);
  assert.deepEqual(await statuses(0), [...Array(3).fill('PRESENT'), ...Array(3).fill('NOT_FOUND')]);
  assert.deepEqual(await statuses(1), Array(USERS).fill('PRESENT'));
  await aged.materialize(T + 10 * DAY_MILLIS);
  clock.pass(DAY_MILLIS);
  assert.equal((await gc())['tombstones sums'], 4);
  assert.equal((await gc())['tombstones sums'], undefined);
});
