// What operators do with a continuous view: training sets of the same instant, full runs, snapshots, backups, bindings,
// collections. Each time the lookups return what was worked out by hand.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LmdbOnlineStore } from '../../../src/online/lmdb/lmdb-online-store.ts';
import {
  AT_FIRST,
  AT_LAST,
  AT_NOON,
  CONTINUOUS_CLICKS,
  CONTINUOUS_DEFINITIONS,
  CONTINUOUS_SHOP,
  click,
  FIRST,
  LONG_AFTER,
  must,
  NOON,
  served,
  trained,
} from '../../e2e/continuous-shop.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';

async function materialized(more: Readonly<Record<string, string>> = {}): Promise<TempProject> {
  const shop = await tempProject({ ...CONTINUOUS_SHOP, ...more });
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', FIRST);
  return shop;
}

/** At the instant of the run and later: the rows of the run alone. */
async function assertServed(shop: TempProject): Promise<void> {
  assert.deepEqual(await served(shop, FIRST), AT_FIRST);
  assert.deepEqual(await served(shop, NOON), AT_NOON);
  assert.deepEqual(await served(shop, LONG_AFTER), AT_LAST);
}

test('lookups at and after the run are what a training set of the same instant has', async () => {
  const shop = await materialized();
  await assertServed(shop);
  for (const at of [FIRST, NOON, LONG_AFTER]) assert.deepEqual(await trained(shop, at), await served(shop, at));
});

test('--full takes late rows in; --from-snapshot fills an online store that was lost, with the same answers', async () => {
  const shop = await materialized();
  await shop.remove('.plumb/online');
  await must(shop, 'materialize', '--from-snapshot');
  await assertServed(shop);

  // A row of a new key, and one that lies in the newest hour of a key with few rows.
  const late = [click(77, '2026-01-07T23:00:00Z', 9, 900, 'd'), click(2, '2026-01-07T11:59:59.999999Z', 5, 500, 'b')];
  await shop.write('data/clicks.jsonl', `${CONTINUOUS_CLICKS}${late.join('')}`);
  await must(shop, 'materialize', '--from-snapshot');
  await assertServed(shop);
  await must(shop, 'materialize', '--until', FIRST, '--full');
  const full = [
    AT_FIRST[0],
    [1, 500, [5], { b: 500 }, ['a', 'b'], 0],
    AT_FIRST[2],
    [1, 900, [9], { d: 900 }, ['d'], 0],
  ];
  assert.deepEqual(await served(shop, FIRST), full);
  const atNoon = [AT_NOON[0], [0, null, [], {}, ['a', 'b'], 1], AT_NOON[2], [1, 900, [9], { d: 900 }, ['d'], 0]];
  assert.deepEqual(await served(shop, NOON), atNoon);
  assert.deepEqual(await trained(shop, NOON), atNoon);

  await shop.remove('.plumb/online');
  await must(shop, 'materialize', '--from-snapshot');
  assert.deepEqual(await served(shop, FIRST), full);
});

test('a backup that is restored answers the same, and its next run goes on', async () => {
  const shop = await materialized();
  await must(shop, 'backup', 'create', 'backups');
  await shop.remove('.plumb');
  await must(shop, 'backup', 'restore', 'backups');
  await assertServed(shop);
  await shop.write('data/clicks.jsonl', `${CONTINUOUS_CLICKS}${click(2, '2026-01-08T11:00:00Z', 6, 600, 'b')}`);
  await must(shop, 'materialize', '--until', NOON);
  const rows = await served(shop, NOON);
  assert.deepEqual(rows, [AT_NOON[0], [1, 600, [6], { b: 600 }, ['a', 'b'], 0], AT_NOON[2], AT_NOON[3]]);
  assert.deepEqual(await trained(shop, NOON), rows);
});

const CHURN = ['--dataset', 'churn@1'];
/** Without `prices`, with a longer window, and with another order. */
const OTHER = CONTINUOUS_DEFINITIONS.replace(/ *- \{ name: prices,.*\n/, '')
  .replace('name: clicks_1d, aggregate: count, window: 1d', 'name: clicks_1d, aggregate: count, window: 2d')
  .replace('top: 2, window: 1d', 'top: 1, window: 1d');

test('a bound training set goes on as it was learned, beside another definition that runs', async () => {
  const shop = await materialized();
  assert.deepEqual(await trained(shop, FIRST, 'churn'), AT_FIRST);
  await must(shop, 'dataset', 'bind', 'churn@1');
  await shop.write('features/shop.yaml', OTHER);
  await must(shop, 'apply');
  assert.deepEqual(await served(shop, NOON, CHURN), AT_NOON);

  await shop.write('data/clicks.jsonl', `${CONTINUOUS_CLICKS}${click(1, '2026-01-08T11:30:00Z', 7, 700, 'c')}`);
  const { runs } = (await must(shop, 'materialize', '--until', NOON)) as {
    runs: { view: string; boundTo?: string[] }[];
  };
  assert.deepEqual(
    runs.map(({ view, boundTo = [] }) => [view, ...boundTo]),
    [['recent'], ['recent', 'churn@1']],
  );
  const [, second, third, nobody] = AT_NOON;
  const learned = [[3, 1_200, [7, 3], { c: 1_000, b: 200 }, ['c', 'a'], 1], second, third, nobody];
  assert.deepEqual(await served(shop, NOON, CHURN), learned);
  const present = [
    [4, 1_200, { c: 1_000 }, ['c', 'a'], 1],
    [0, null, {}, ['a'], 0],
    [200, 14_647, { k1: 4_983 }, ['k0', 'k1'], 103],
    [0, null, {}, [], 0],
  ];
  assert.deepEqual(await served(shop, NOON), present);
  assert.deepEqual(await trained(shop, NOON), present);
});

test('collections leave what serves, and take former runs and generations', async () => {
  const retention = 'retention: { grace: 1s, snapshots: { keep: 1, maxAge: 1s }, datasets: { keep: 1 } }\n';
  const shop = await materialized({ 'plumb.yaml': `${CONTINUOUS_SHOP['plumb.yaml']}${retention}` });
  await must(shop, 'materialize', '--until', FIRST, '--full');
  await must(shop, 'materialize', '--until', NOON);
  await sleep(1100);
  // The generation before --full leaves with the run at noon, where that comes a grace period later, or with gc.
  assert.ok((await collected(shop)).includes('2 snapshot'));
  assert.equal((await fields(shop)).length, 1);
  assert.deepEqual(
    (await shop.stored()).filter((key) => /^views\/.*manifest/.test(key)),
    ['views/recent/00000003/manifest.json'],
  );
  assert.deepEqual(await collected(shop), []);
  assert.deepEqual(await served(shop, NOON), AT_NOON);
  assert.deepEqual(await served(shop, LONG_AFTER), AT_LAST);
  await shop.remove('.plumb/online');
  await must(shop, 'materialize', '--from-snapshot');
  assert.deepEqual(await served(shop, NOON), AT_NOON);
});

async function fields(shop: TempProject): Promise<readonly string[]> {
  await using store = await LmdbOnlineStore.open(join(shop.folder, '.plumb/online'), 'shop', { mayCreate: false });
  return await store.listFields();
}

async function collected(shop: TempProject): Promise<readonly string[]> {
  const { removed } = (await must(shop, 'gc')) as { removed: { kind: string; items: number }[] };
  return removed.map(({ kind, items }) => `${items} ${kind}`).toSorted();
}
