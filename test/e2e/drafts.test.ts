// Definitions in files, tried on real data before they are applied.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type TempProject, tempProject } from './project.ts';
import { DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const CHANGED = DEFINITIONS.replace('aggregate: count, window: 1d', 'aggregate: count, window: 7d');
const USER = ['--entity', '{"user_id": 1, "ignored": true}'];

const define = (project: TempProject, text: string): Promise<void> =>
  writeFile(join(project.folder, 'features/shop.yaml'), text);

async function drafted(project: TempProject, ...args: readonly string[]): Promise<unknown> {
  const { code, document } = await project.json('get', '--service', 'ranking', '--draft', ...args);
  assert.equal(code, 0, JSON.stringify(document));
  return document;
}

test('get --draft computes from the sources, and registers nothing', async () => {
  const shop = await tempProject(SHOP);
  const text = await shop.plumb('get', '--service', 'ranking', '--draft', ...USER, '--at', UNTIL);
  assert.equal(text.code, 0, text.err);
  assert.match(text.out, /profile__points +9007199254740993\n/);
  assert.match(text.out, /definitions that are not registered/);
  assert.deepEqual(await drafted(shop, ...USER, '--entity', '{"user_id": null}', '--at', UNTIL), {
    ...{ service: 'ranking', draft: true, at: UNTIL },
    features: ['profile__country', 'profile__points', 'spending__clicks_1d', 'spending__spend_1d'],
    rows: [
      ['US', 2 ** 53, 2, 3.5],
      [null, null, 0, null],
    ],
  });
  assert.equal((await shop.json('list')).document.error?.code, 'NOT_APPLIED');
  const made: readonly string[] = await readdir(join(shop.folder, '.plumb')).catch(() => []);
  assert.deepEqual(
    made.filter((name) => !['leases', 'work'].includes(name)),
    [],
  );
});

test('a draft is what apply would register, and equals what is served after it', async () => {
  const shop = await tempProject(SHOP);
  assert.equal((await shop.plumb('apply')).code, 0);
  await define(shop, CHANGED);
  const query = ['--entity', '{"user_id": 2}', '--at', UNTIL];
  const { rows } = (await drafted(shop, ...query)) as { rows: unknown };
  assert.deepEqual(rows, [['DE', 7, 1, null]]);
  for (const argv of [['apply'], ['materialize', '--until', UNTIL]]) assert.equal((await shop.plumb(...argv)).code, 0);
  assert.deepEqual((await shop.json('get', '--service', 'ranking', ...query)).document.rows, rows);
});

test('dataset create --draft makes a training set that says what it is', async () => {
  const shop = await tempProject(SHOP);
  const create = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--out', 'out.csv'];
  const { code, document } = await shop.json(...create, '--draft');
  assert.deepEqual([code, document.version, document.registryVersion], [0, 1, null]);
  assert.equal((await shop.plumb('apply')).code, 0);
  const registered = await shop.json(...create.slice(0, -1), 'applied.csv');
  assert.deepEqual([registered.document.version, registered.document.registryVersion], [2, 1]);
  const [draft, applied] = await Promise.all(
    ['out.csv', 'applied.csv'].map((file) => readFile(join(shop.folder, file), 'utf8')),
  );
  assert.equal(draft, applied);
  assert.match((await shop.plumb('dataset', 'show', 'ranking@1')).out, /a draft: its definitions were not registered/);
});

test('mistakes in definitions, keys and options are told', async () => {
  const shop = await tempProject(SHOP);
  const of = async (...args: readonly string[]) => (await shop.json('get', '--draft', ...args)).document.error;
  const lacking = await of('--service', 'ranking', '--entity', '{"user": 1}');
  assert.match(lacking?.message ?? '', /\$\.entities\[0\]\.user_id: found nothing/);
  const ofNoType = await of('--service', 'ranking', '--entity', '{"user_id": 1.5}');
  assert.match(ofNoType?.message ?? '', /\$\.entities\[0\]\.user_id: found 1\.5, expected an int64/);
  assert.equal((await of('--service', 'rankin', ...USER))?.code, 'UNKNOWN_NAME');
  assert.match((await of(...USER))?.message ?? '', /expected --service beside --draft/);
  await define(shop, DEFINITIONS.replace('column: price', 'column: prize'));
  const wrong = await of('--service', 'ranking', ...USER);
  assert.equal(wrong?.code, 'INVALID_DEFINITION');
  assert.match(wrong?.message ?? '', /prize/);
});
