// Views with `entities: []`: one key for all rows, looked up by {}, in training sets without keys, beside views of entities.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerifyReport } from '../../schemas/wire-types.ts';
import type { Explanation } from '../../src/audit/explain/explanation.ts';
import { tempProject } from './project.ts';
import { DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const GLOBAL = `
  - name: shop
    kind: aggregate
    entities: []
    source: clicks
    refresh: { every: 1h, delay: 0s }
    features:
      - { name: clicks_1d, aggregate: count, window: 1d }
      - { name: users_7d, aggregate: count_distinct, column: user_id, window: 7d }
  - name: newest
    kind: row
    entities: []
    source: clicks
    features: [{ name: price, type: float64 }]
`;
const SERVICES = `
  - name: weather
    features: [shop:*, newest:price]
  - name: both
    features: [profile:country, shop:clicks_1d]
`;
const [views = '', services = ''] = DEFINITIONS.split('featureServices:');

const project = await tempProject({
  ...SHOP,
  'features/shop.yaml': `${views.trimEnd()}${GLOBAL}featureServices:${services.trimEnd()}${SERVICES}`,
  'instants.csv': 'event_timestamp,wet\n2026-01-07T12:00:00Z,1\n2026-01-08T00:00:00Z,0\n2025-12-01T00:00:00Z,1\n',
});
assert.equal((await project.plumb('apply')).code, 0);
assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);

async function got(service: string, ...entities: readonly string[]) {
  const { code, document } = await project.json(
    ...['get', '--service', service, '--at', UNTIL],
    ...entities.flatMap((entity) => ['--entity', entity]),
  );
  assert.equal(code, 0, JSON.stringify(document));
  return document as unknown as { readonly rows: readonly unknown[][]; readonly statuses?: readonly unknown[][] };
}

const lines = async (): Promise<readonly unknown[][]> =>
  (await project.read('out.jsonl'))
    .split('\n')
    .slice(0, -1)
    .map((line) => Object.values(JSON.parse(line)));

async function created(...argv: readonly string[]): Promise<readonly unknown[][]> {
  const { code, err } = await project.plumb('dataset', 'create', '--out', 'out.jsonl', ...argv);
  assert.equal(code, 0, err);
  return await lines();
}

test('it is looked up by {}, and beside views of an entity by whatever they are looked up by', async () => {
  assert.deepEqual((await got('weather', '{}')).rows, [[2, 2, 2]]);
  assert.deepEqual((await got('weather', '{}', '{"user_id": 1}')).rows, [
    [2, 2, 2],
    [2, 2, 2],
  ]);
  assert.deepEqual((await got('both', '{"user_id": 2}', '{"user_id": 404}')).rows, [
    ['DE', 2],
    [null, 2],
  ]);
});

test('each label row has it, of labels that have no keys too', async () => {
  assert.deepEqual(await created('--service', 'weather', '--labels', 'instants.csv'), [
    ['2026-01-07T12:00:00Z', 1, 1, 2, 1.5],
    ['2026-01-08T00:00:00Z', 0, 2, 2, 2],
    ['2025-12-01T00:00:00Z', 1, 0, 0, null],
  ]);
  assert.deepEqual(await created('--service', 'both', '--labels', 'labels.csv'), [
    [1, '2026-01-08T00:00:00Z', true, 'US', 2],
    [2, '2026-01-01T12:00:00Z', false, null, 0],
  ]);
});

test('its keys are the instants at which it has a row', async () => {
  const grid = ['--from', '2026-01-05T00:00:00Z', '--to', '2026-01-07T13:00:00Z', '--every', '12h'];
  assert.deepEqual(await created('--service', 'weather', '--keys-of', 'shop', ...grid), [
    ['2026-01-05T12:00:00Z', 1, 1, 4],
    ['2026-01-06T00:00:00Z', 1, 1, 4],
    ['2026-01-06T12:00:00Z', 0, 1, 4],
    ['2026-01-07T00:00:00Z', 0, 1, 4],
    ['2026-01-07T12:00:00Z', 1, 2, 1.5],
  ]);
});

test('it is verified and explained', async () => {
  const { code, document } = await project.json('verify', '--service', 'weather', '--samples', '30');
  assert.equal(code, 0, JSON.stringify(document));
  const { compared, differences } = document as unknown as VerifyReport;
  assert.ok(compared > 0);
  assert.equal(differences, 0);
  const explained = await project.json(
    ...['get', '--service', 'weather', '--entity', '{}', '--at', UNTIL, '--explain'],
  );
  assert.equal(explained.code, 0, JSON.stringify(explained.document));
  const explanations = explained.document.explain as readonly Explanation[];
  assert.deepEqual(
    explanations.map(({ equal, rowsTotal }) => [equal, rowsTotal]),
    [
      [true, 2],
      [true, 3],
      [true, 3],
    ],
  );
});

test('its key leaves the store where its windows are empty, and comes back', async () => {
  assert.equal((await project.plumb('materialize', 'shop', '--until', '2026-02-01T00:00:00Z')).code, 0);
  const { document } = await project.json(
    'get',
    '--service',
    'weather',
    '--entity',
    '{}',
    '--at',
    '2026-02-01T00:00:00Z',
  );
  assert.deepEqual((document as unknown as { rows: unknown }).rows, [[0, 0, 2]]);
  assert.equal((await project.plumb('materialize', 'shop', '--full', '--until', UNTIL)).code, 0);
  assert.deepEqual((await got('weather', '{}')).rows, [[2, 2, 2]]);
  assert.equal((await project.plumb('materialize', '--from-snapshot')).code, 0);
  assert.deepEqual((await got('weather', '{}')).rows, [[2, 2, 2]]);
});
