// plumb forget: the keys leave everything that Plumb owns, and nothing that comes later has them.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ERASURE_SHOP } from '../e2e/erasure-shop.ts';
import { type Document, startPaused, type TempProject, tempProject } from '../e2e/project.ts';
import { UNTIL } from '../e2e/shop.ts';
import { partsNaming } from '../e2e/stored-parts.ts';
import { RedisServer } from '../servers/redis.ts';

const EARLIER = '2026-01-07T12:00:00Z';
const FORGET = ['forget', 'user', '--key', '{"user_id": 1}'];

async function must(project: TempProject, ...args: readonly string[]): Promise<Document> {
  const { code, document } = await project.json(...args);
  assert.equal(code, 0, JSON.stringify(document));
  return document;
}

async function livedIn(online = '{ kind: lmdb }'): Promise<TempProject> {
  const file = (ERASURE_SHOP['plumb.yaml'] as string).replace('{ kind: lmdb }', online);
  const shop = await tempProject({ ...ERASURE_SHOP, 'plumb.yaml': file });
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', EARLIER);
  await must(shop, 'materialize', '--until', UNTIL);
  await must(shop, 'dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train');
  await must(shop, 'dataset', 'create', '--service', 'friends', '--labels', 'friends.csv', '--name', 'friends');
  return shop;
}

const rowsOf = async (shop: TempProject, service: string, ...entities: readonly string[]) =>
  (await must(shop, 'get', '--service', service, '--entity', ...entities, '--at', UNTIL)) as unknown as {
    readonly rows: readonly unknown[];
    readonly statuses: readonly (readonly string[])[];
  };

/** Keys of the storage under a folder. */
const storedOf = async (shop: TempProject, folder: string): Promise<readonly string[]> =>
  (await shop.stored()).filter((key) => key.startsWith(folder));

const GONE = [null, null, 0, null];

async function forgets(online: string): Promise<void> {
  const shop = await livedIn(online);
  const before = await storedOf(shop, '');
  const dry = await must(shop, ...FORGET, '--dry-run');
  assert.deepEqual(await storedOf(shop, ''), before, 'a dry run changes nothing');
  assert.deepEqual((await rowsOf(shop, 'ranking', '{"user_id":1}')).rows[0], ['US', 9007199254740992, 2, 3.5]);

  assert.notDeepEqual(await partsNaming(shop.folder, 1n), []);
  const report = await must(shop, ...FORGET);
  assert.deepEqual(await partsNaming(shop.folder, 1n), []);
  assert.notDeepEqual(await partsNaming(shop.folder, 2n), []);
  const numbers = ({ views, datasets, reports, sources }: Document) => ({ views, datasets, reports, sources });
  assert.deepEqual(numbers(report), numbers(dry));
  assert.deepEqual(
    (report.views as readonly Document[]).map(({ view, online: entries }) => [view, entries]),
    [
      ['pair', 2],
      ['profile', 1],
      ['spending', 1],
    ],
  );
  assert.deepEqual(report.sources, [
    { source: 'profiles', rows: 1, files: [{ path: 'data/profiles.jsonl', rows: 1 }], why: null },
    { source: 'clicks', rows: 2, files: [{ path: 'data/clicks.jsonl', rows: 2 }], why: null },
  ]);

  const after = await rowsOf(shop, 'ranking', '{"user_id":1}', '{"user_id":2}');
  assert.deepEqual(after.rows[0], GONE);
  assert.deepEqual(new Set(after.statuses[0]), new Set(['NOT_FOUND']));
  assert.deepEqual(after.rows[1], ['DE', 7, 0, null]);
  const pairs = await rowsOf(shop, 'pairs', '{"user_id":1,"item_id":"a"}', '{"user_id":2,"item_id":"a"}');
  assert.deepEqual(
    pairs.rows.map((row) => (row as unknown[])[0]),
    [null, 4],
  );

  for (const more of [
    ['materialize', '--until', UNTIL],
    ['materialize', '--full', '--until', UNTIL],
    ['materialize', '--from-snapshot'],
  ]) {
    await must(shop, ...more);
    assert.deepEqual((await rowsOf(shop, 'ranking', '{"user_id":1}')).rows[0], GONE, more.join(' '));
  }
  assert.deepEqual(await partsNaming(shop.folder, 1n), []);
  await must(
    shop,
    'dataset',
    'create',
    '--service',
    'ranking',
    '--labels',
    'labels.csv',
    '--name',
    'again',
    '--out',
    'again.jsonl',
  );
  const [first, second] = (await shop.read('again.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    [first.user_id, first.bought, first.profile__country, first.spending__clicks_1d],
    [1, true, null, 0],
  );
  assert.equal(second.profile__country, null, 'its label is before its row');
  const verified = await must(shop, 'verify', '--samples', '10');
  assert.equal(verified.differences, 0);
}

test('erased keys leave an LMDB store, runs and training sets, and do not come back', () => forgets('{ kind: lmdb }'));

test('erased keys leave Redis', async () => {
  const redis = await RedisServer.start();
  after(() => redis[Symbol.asyncDispose]());
  await forgets(`{ kind: redis, url: "${redis.url}" }`);
});

test('a restored backup of before the erasure does not bring the keys back', async () => {
  const shop = await livedIn();
  const place = `${shop.folder}-backups`;
  after(() => rm(place, { recursive: true, force: true }));
  await must(shop, 'backup', 'create', place);
  const { id } = await must(shop, ...FORGET);
  await must(shop, 'backup', 'create', place);
  await rm(join(shop.folder, '.plumb'), { recursive: true });

  const dry = await must(shop, 'backup', 'restore', place, '--number', '1', '--dry-run');
  assert.deepEqual(dry.erasures, [id]);
  const restored = await must(shop, 'backup', 'restore', place, '--number', '1');
  assert.deepEqual(restored.erasures, [id]);
  const { rows } = await rowsOf(shop, 'ranking', '{"user_id":1}', '{"user_id":2}');
  assert.deepEqual(rows, [GONE, ['DE', 7, 0, null]]);
  assert.deepEqual(await partsNaming(shop.folder, 1n), []);
  await must(shop, 'materialize', '--from-snapshot');
  assert.deepEqual((await rowsOf(shop, 'ranking', '{"user_id":1}')).rows[0], GONE);

  // One of after the erasure has nothing to repeat.
  await rm(join(shop.folder, '.plumb'), { recursive: true });
  assert.deepEqual((await must(shop, 'backup', 'restore', place)).erasures, []);
  assert.deepEqual((await rowsOf(shop, 'ranking', '{"user_id":1}')).rows[0], GONE);
});

test('an erasure that is killed is finished by gc, and nothing of its keys is left', async () => {
  const shop = await livedIn();
  const paused = await startPaused(shop.folder, 'erasure.before_manifest', FORGET);
  await paused.kill();
  assert.deepEqual((await rowsOf(shop, 'ranking', '{"user_id":1}')).rows[0], GONE, 'it left the online store at once');
  assert.notDeepEqual(await partsNaming(shop.folder, 1n), []);
  await must(shop, 'materialize', '--from-snapshot');
  assert.deepEqual(
    (await rowsOf(shop, 'ranking', '{"user_id":1}')).rows[0],
    GONE,
    'parts that still hold it do not matter',
  );
  await must(shop, 'gc');
  assert.deepEqual(await partsNaming(shop.folder, 1n), []);
});

test('what is no key of an entity is refused, and named by its place alone', async () => {
  const shop = await tempProject(ERASURE_SHOP);
  await must(shop, 'apply');
  const cases: readonly (readonly [string, RegExp, string, ...string[]])[] = [
    ['UNKNOWN_NAME', /found the entity "usr".*did you mean "user"/, 'usr', '{"user_id": 1}'],
    [
      'INVALID_REQUEST',
      /\$\.keys\[1\]\.user_id: found another value, expected an int64/,
      'user',
      '{"user_id": 1}',
      '{"user_id": "x-secret"}',
    ],
    ['INVALID_REQUEST', /\$\.keys\[0\]\.user_id: found nothing/, 'user', '{}'],
    ['INVALID_REQUEST', /\$\.keys\[0\]\.user_id: found null/, 'user', '{"user_id": null}'],
    ['INVALID_REQUEST', /\$\.keys\[0\]: found "usr_id", expected user_id/, 'user', '{"user_id": 1, "usr_id": 2}'],
    ['INVALID_REQUEST', /--key, number 1: found what is no JSON/, 'user', 'secret'],
  ];
  for (const [code, message, entity, ...keys] of cases) {
    const { code: exit, document } = await shop.json('forget', entity, '--key', ...keys);
    assert.deepEqual([exit, document.error?.code], [2, code], JSON.stringify(document));
    assert.match(document.error?.message ?? '', message);
    assert.doesNotMatch(JSON.stringify(document), /secret/);
  }
  assert.deepEqual(await storedOf(shop, 'erasures/'), [], 'nothing was recorded');
  const long = JSON.stringify({ item_id: 'x'.repeat(20_000) });
  const { code, document } = await shop.json('forget', 'item', '--key', long, '--dry-run');
  assert.deepEqual([code, document.keys], [0, 1], 'regression: a key longer than those of lookups could not be erased');
});

test('a training set that lost rows is not reused, and what is bound to one serves nothing of the key', async () => {
  const shop = await livedIn();
  await must(shop, 'dataset', 'bind', 'train@1');
  const changed = (ERASURE_SHOP['features/shop.yaml'] as string).replace(
    '{ name: points, type: int64 }',
    '{ name: points, type: int64, expression: "points + 1" }',
  );
  await shop.write('features/shop.yaml', changed);
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', UNTIL);
  const bound = async () =>
    (await must(shop, 'get', '--dataset', 'train@1', '--entity', '{"user_id":1}', '{"user_id":2}', '--at', UNTIL)).rows;
  assert.deepEqual((await bound()) as unknown, [
    ['US', 9007199254740992, 2, 3.5],
    ['DE', 7, 0, null],
  ]);
  await must(shop, ...FORGET);
  assert.deepEqual(await bound(), [GONE, ['DE', 7, 0, null]]);
  assert.deepEqual((await rowsOf(shop, 'ranking', '{"user_id":1}')).rows[0], GONE);
  await must(shop, 'materialize', '--until', UNTIL);
  assert.deepEqual(await bound(), [GONE, ['DE', 7, 0, null]]);

  const building = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--explain'];
  const { out } = await shop.plumb(...building);
  assert.match(out, /without 1 erased key of user: rows stamped before the erasure/);
  assert.match(out, /erased keys, whose earlier rows do not count\n\s*-- \(not shown\)/);

  const { document: shown } = await shop.json('dataset', 'show', 'train@1');
  assert.deepEqual([(shown.erased as { rows: number }).rows, shown.rows], [1, 1]);
  const reusing = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--reuse', 'train@1'];
  const { code, document } = await shop.json(...reusing);
  assert.deepEqual([code, document.error?.code], [2, 'INVALID_REQUEST'], JSON.stringify(document));
  assert.match(document.error?.message ?? '', /lost 1 row to erasures/);
});
