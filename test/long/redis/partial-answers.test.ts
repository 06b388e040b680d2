// A server over a Cluster of which one shard is gone: whole lookups are 503, partial ones answer the rest, over HTTP, by the
// SDK and on the command line; metrics tell.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbApiError, PlumbClient } from '../../../sdk/typescript/src/index.ts';
import { encoderFor } from '../../../src/online/entity-key.ts';
import { keySlot } from '../../../src/online/redis/cluster/key-slot.ts';
import { redisKeys } from '../../../src/online/redis/redis-layout.ts';
import { type Document, tempProject } from '../../e2e/project.ts';
import { PROJECT_FILE, SHOP, UNTIL } from '../../e2e/shop.ts';
import { RedisCluster } from '../../servers/redis-cluster.ts';
import { until } from '../../waiting.ts';

const cluster = await RedisCluster.start({ replicasEach: 0, nodeTimeoutMillis: 1_000 });
after(() => cluster[Symbol.asyncDispose]());
const project = await tempProject({
  ...SHOP,
  'plumb.yaml': PROJECT_FILE.replace(
    '{ kind: lmdb }',
    `{ kind: redis, urls: ${JSON.stringify(cluster.urls)}, commandTimeoutMillis: 3000 }`,
  ),
});
const name = /^project: (\S+)/m.exec(PROJECT_FILE)?.[1] ?? '';
const keys = redisKeys(name);
const encoder = encoderFor(['user'], [{ type: 'int64' }]);
const ownerOf = (key: Uint8Array) => cluster.masterOf(keySlot(key));
const ownerOfUser = (id: bigint) => ownerOf(Buffer.concat([keys.entityPrefix, encoder.encode([id])]));

/** A user, known or not, of a server that has neither the states nor, if that can be, the user 1. */
async function chooseUsers() {
  const states = await ownerOf(keys.states);
  for (let id = 1n; id < 1000n; id += 1n) {
    const owner = await ownerOfUser(id);
    if (owner !== states) return { states, lost: owner, lostId: id };
  }
  throw new Error('all users are where the states are');
}

test('one shard gone', async () => {
  assert.equal((await project.plumb('apply')).code, 0);
  const run = await project.plumb('materialize', '--until', UNTIL);
  assert.equal(run.code, 0, run.out + run.err);
  const { states, lost, lostId } = await chooseUsers();
  let keptId = 1n;
  while ((await ownerOfUser(keptId)) === lost) keptId += 1n;
  const server = await project.serve();
  const client = new PlumbClient({ url: server.url, retries: 0 });
  const entities = [{ user_id: lostId }, { user_id: keptId }];
  const request = { service: 'ranking', entities, at: UNTIL, statuses: true } as const;
  const whole = await client.lookup(request);
  assert.deepEqual((await client.lookup({ ...request, partial: true })).rows, whole.rows);

  await lost.kill();
  await sleep(100);
  for (let times = 0; times < 10; times += 1) {
    const error = await client.lookup(request).catch((reason: unknown) => reason);
    assert.ok(error instanceof PlumbApiError, String(error));
    assert.equal(error.code, 'STORE_UNAVAILABLE');
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error.details)}`, /127\.0\.0\.1/);
    const part = await client.lookup({ ...request, partial: true });
    assert.deepEqual(part.rows[1], whole.rows[1]);
    assert.deepEqual(part.statuses?.[1], whole.statuses?.[1]);
    assert.ok(part.rows[0]?.every((value) => value === null));
    assert.ok(part.statuses?.[0]?.every((status) => status === 'UNAVAILABLE'));
  }
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
  const isOpen = /^plumb_online_store_breaker\{node="\d"\} 2$/m;
  const metrics = await until(
    async () => await (await fetch(`${server.url}/metrics`)).text(),
    (text) => isOpen.test(text),
  );
  assert.match(metrics, /^plumb_online_store_connected\{node="\d"\} 1$/m);
  assert.doesNotMatch(metrics.replaceAll(/^#.*$/gm, ''), /127\.0\.0\.1/);

  const get = [
    'get',
    '--service',
    'ranking',
    '--at',
    UNTIL,
    '--entity',
    `{"user_id":${lostId}}`,
    `{"user_id":${keptId}}`,
  ];
  assert.equal((await project.plumb(...get)).code, 1);
  const { code, document } = await project.json(...get, '--partial');
  assert.equal(code, 0);
  assert.deepEqual((document as Document & { statuses: string[][] }).statuses[1], whole.statuses?.[1]);
  assert.ok((document as Document & { statuses: string[][] }).statuses[0]?.includes('UNAVAILABLE'));

  // The states too: known from a moment ago, so that what can be read is answered still.
  await states.kill();
  await sleep(100);
  const rest = await client.lookup({ ...request, partial: true });
  const third = cluster.nodes.find((node) => node !== lost && node !== states);
  for (const [index, id] of [lostId, keptId].entries()) {
    const isThere = (await fetchOwner(id)) === third?.port;
    if (isThere) assert.deepEqual(rest.rows[index], whole.rows[index]);
    else assert.ok(rest.statuses?.[index]?.every((status) => status === 'UNAVAILABLE'));
  }
  assert.equal((await project.plumb(...get, '--partial')).code, 1, 'a new process knows no states');
  await third?.kill();
  await sleep(100);
  const nothing = await client.lookup({ ...request, partial: true });
  assert.ok(nothing.statuses?.flat().every((status) => status === 'UNAVAILABLE'));
  await server.stop();
});

/** By the slots that each had from the start: who is gone cannot be asked. */
async function fetchOwner(id: bigint): Promise<number | undefined> {
  const slot = keySlot(Buffer.concat([keys.entityPrefix, encoder.encode([id])]));
  return cluster.nodes[Math.floor((slot * cluster.nodes.length) / 16_384)]?.port;
}
