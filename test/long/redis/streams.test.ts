// Redis loses what events made of it: all of it, or the last of it. What is served is right or refused, never a part.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pushTaps, servedTaps, TAPS, tap } from '../../e2e/live-taps.ts';
import { type RunningServe, tempProject } from '../../e2e/project.ts';
import { RedisServer } from '../../servers/redis.ts';
import { until } from '../../waiting.ts';

const redis = await RedisServer.start({ persistent: true });
after(() => redis[Symbol.asyncDispose]());
const project = await tempProject({
  'plumb.yaml': `project: shop\nserver: { port: 0 }\nonline: { kind: redis, url: ${redis.url} }\n`,
  'features/taps.yaml': TAPS,
});
assert.equal((await project.plumb('apply')).code, 0);
const server: RunningServe = await project.serve();

/** All answers until the wanted one. */
async function answersUntil(wanted: readonly unknown[]): Promise<readonly string[]> {
  const seen = new Set<string>();
  await until(async () => {
    const rows = await servedTaps(server);
    seen.add(JSON.stringify(rows));
    return JSON.stringify(rows) === JSON.stringify([wanted]);
  });
  return [...seen];
}

test('emptied under a live connection: refused until all events are applied again', async () => {
  await pushTaps(server, [tap(1), tap(2), tap(3)]);
  await answersUntil([3, 6]);
  await redis.command('FLUSHALL');
  const seen = await answersUntil([3, 6]);
  assert.deepEqual(
    seen.filter((rows) => rows !== 'null' && rows !== '[[3,6]]'),
    [],
  );
  await pushTaps(server, [tap(4)]);
  await answersUntil([4, 10]);
});

test('restarted with an older append-only file: stale, then all, never more or less than a push', async () => {
  await redis.keep();
  await pushTaps(server, [tap(5), tap(6)]);
  await answersUntil([6, 21]);
  await redis.kill();
  await redis.putBack();
  await redis.start();
  const seen = await answersUntil([6, 21]);
  assert.deepEqual(
    seen.filter((rows) => !['null', '[[4,10]]', '[[6,21]]'].includes(rows)),
    [],
  );
});

test('restarted empty: refused until all events are applied again', async () => {
  await redis.kill();
  await redis.empty();
  await redis.start();
  const seen = await answersUntil([6, 21]);
  assert.deepEqual(
    seen.filter((rows) => rows !== 'null' && rows !== '[[6,21]]'),
    [],
  );
  await server.stop();
});
