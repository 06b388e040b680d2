// Entries of a continuous view in a real Redis Cluster: on every server, looked up in one request, restored into from a backup
// of another store, and again as they were after a server fell over.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import type { OnlineFeaturesResponse } from '../../../schemas/wire-types.ts';
import {
  AT_FIRST,
  AT_LAST,
  AT_NOON,
  CONTINUOUS_CLICKS,
  CONTINUOUS_SHOP,
  click,
  FIRST,
  LONG_AFTER,
  must,
  NOON,
  served,
  trained,
} from '../../e2e/continuous-shop.ts';
import { answerOf } from '../../e2e/http-client.ts';
import { lookup, type TempProject, tempProject } from '../../e2e/project.ts';
import { RedisCluster } from '../../servers/redis-cluster.ts';
import { until } from '../../waiting.ts';

const cluster = await RedisCluster.start({ persistent: true });
after(() => cluster[Symbol.asyncDispose]());

/** Users 100 to 149 have one click each, of their number in cents. */
const MANY = Array.from({ length: 50 }, (_, i) => 100 + i);
const CLICKS = CONTINUOUS_CLICKS + MANY.map((user) => click(user, '2026-01-07T15:00:00Z', 1, user, 'm')).join('');
const ON_CLUSTER = `project: PROJECT\nonline: { kind: redis, urls: ${JSON.stringify(cluster.urls.slice(0, 3))} }\nengine: { kind: duckdb, threads: 1 }\n`;

const shopOf = (name: string, plumb: string): Promise<TempProject> =>
  tempProject({ ...CONTINUOUS_SHOP, 'plumb.yaml': plumb.replace('PROJECT', name), 'data/clicks.jsonl': CLICKS });

async function assertServed(shop: TempProject): Promise<void> {
  assert.deepEqual(await served(shop, FIRST), AT_FIRST);
  assert.deepEqual(await served(shop, NOON), AT_NOON);
  assert.deepEqual(await served(shop, LONG_AFTER), AT_LAST);
}

async function manyServed(url: string): Promise<OnlineFeaturesResponse> {
  const entities = MANY.map((user_id) => ({ user_id }));
  return await answerOf(await lookup(url, { service: 'ranking', entities, at: FIRST, statuses: true }));
}
const MANY_ROWS = MANY.map((user) => [1, user, [1], { m: user }, ['m'], 0]);

/** How many entities of the project each master has. */
const entitiesOf = (project: string): Promise<readonly number[]> =>
  Promise.all(
    cluster.nodes.slice(0, cluster.masterCount).map(async ({ port }) => {
      const redis = new Redis(port);
      const keys = await redis.keys(`plumb:*${project}*:e:*`);
      redis.disconnect();
      return keys.length;
    }),
  );

test('entries lie on every server and are looked up in one request; a later run and its snapshot serve too', async () => {
  const shop = await shopOf('spread', ON_CLUSTER);
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', FIRST);
  const held = await entitiesOf('spread');
  assert.equal(
    held.reduce((sum, count) => sum + count, 0),
    53,
  );
  assert.ok(
    held.every((count) => count > 0),
    held.join(),
  );
  await assertServed(shop);
  assert.deepEqual(await trained(shop, NOON), AT_NOON);
  const { url } = await shop.serve();
  assert.deepEqual((await manyServed(url)).rows, MANY_ROWS);

  await must(shop, 'materialize', '--until', NOON);
  assert.deepEqual(await served(shop, NOON), AT_NOON);
  assert.deepEqual(
    (
      await answerOf<OnlineFeaturesResponse>(
        await lookup(url, { service: 'ranking', entities: [{ user_id: 1 }], at: FIRST, statuses: true }),
      )
    ).statuses,
    [new Array(6).fill('TOO_EARLY')],
  );
  await must(shop, 'materialize', '--from-snapshot');
  assert.deepEqual(await served(shop, NOON), AT_NOON);
});

test('a backup of entries in LMDB is restored into the Cluster', async () => {
  const shop = await shopOf(
    'moved',
    'project: PROJECT\nonline: { kind: lmdb }\nengine: { kind: duckdb, threads: 1 }\n',
  );
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', FIRST);
  await must(shop, 'backup', 'create', 'backups');
  await shop.remove('.plumb');
  await shop.write('plumb.yaml', ON_CLUSTER.replace('PROJECT', 'moved'));
  await must(shop, 'backup', 'restore', 'backups');
  await assertServed(shop);
});

test('while a master is away each entry is right or UNAVAILABLE; when its replica has taken over all are back', async () => {
  const shop = await shopOf('fallen', ON_CLUSTER);
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', FIRST);
  const { url } = await shop.serve();
  assert.deepEqual((await manyServed(url)).rows, MANY_ROWS);
  await cluster.nodes[0]?.kill();
  const ask = async (): Promise<readonly unknown[] | null> => {
    const body = {
      service: 'ranking',
      entities: MANY.map((user_id) => ({ user_id })),
      at: FIRST,
      statuses: true,
      partial: true,
    };
    const response = await lookup(url, body);
    if (!response.ok) return null;
    const { rows, statuses = [] } = (await response.json()) as OnlineFeaturesResponse;
    for (const [i, row] of rows.entries())
      if (statuses[i]?.[0] === 'UNAVAILABLE') assert.deepEqual(row, new Array(6).fill(null));
      else assert.deepEqual(row, MANY_ROWS[i]);
    return rows;
  };
  await until(ask, (rows) => rows?.every((row) => (row as unknown[])[0] === 1) === true);
});
