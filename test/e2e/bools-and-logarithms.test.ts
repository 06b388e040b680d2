// sum and mean of bool, and logarithms, in training and in serving: as both strategies of windows compute them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { evaluateFeatures } from '../../src/testing/index.ts';
import { tempProject } from './project.ts';
import { PROJECT_FILE, UNTIL } from './shop.ts';

const DEFINITIONS: DefinitionsInput = {
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [
    {
      name: 'visits',
      kind: 'batch',
      path: 'data/visits.jsonl',
      format: 'jsonl',
      timestampColumn: 'ts',
      columns: { user_id: 'int64', ts: 'timestamp', bought: 'bool', price: 'float64' },
    },
  ],
  featureViews: [
    {
      name: 'v',
      kind: 'aggregate',
      entities: ['user'],
      source: 'visits',
      refresh: { every: '1h', delay: '0s' },
      features: [
        { name: 'bought', aggregate: 'sum', column: 'bought', window: '7d' },
        { name: 'share', aggregate: 'mean', column: 'bought', window: '7d' },
        { name: 'dear', aggregate: 'sum', expression: 'price > 50', window: '7d' },
        { name: 'bought_1h', aggregate: 'sum', column: 'bought', window: '1h' },
        { name: 'share_1h', aggregate: 'mean', column: 'bought', window: '1h' },
        { name: 'magnitude', aggregate: 'max', expression: 'log(price)', window: '7d' },
        { name: 'bits', aggregate: 'min', expression: 'log2(price)', window: '7d' },
      ],
    },
  ],
  featureServices: [{ name: 's', features: ['v:*'] }],
};

const visit = (user: number, hour: number, bought: boolean | null, price: number) => ({
  user_id: user,
  ts: `2026-01-07T${String(hour).padStart(2, '0')}:00:00Z`,
  bought,
  price,
});
// User 2 has no bool at all, and prices outside of the domain of logarithms.
const VISITS = [
  visit(1, 10, true, 100),
  visit(1, 11, false, 8),
  visit(1, 12, true, 0),
  visit(1, 13, null, 1000),
  visit(2, 9, null, -1),
  visit(2, 10, null, 0),
];
const EXPECTED = [
  [2n, 2 / 3, 2n, null, null, 3, 3],
  [null, null, 0n, null, null, null, null],
  [null, null, null, null, null, null, null],
];

for (const pairsPerRow of [0, 128])
  test(`a bool is 0 or 1 in sums and means, and logarithms have a domain (${pairsPerRow} pairs per row)`, async () => {
    const rows = await evaluateFeatures(
      {
        definitions: DEFINITIONS,
        tables: { visits: VISITS },
        view: 'v',
        at: [1, 2, 3].map((user_id) => ({ user_id, at: UNTIL })),
      },
      { memoryBytes: 2 ** 30, threads: 1, pairsPerRow },
    );
    assert.deepEqual(
      rows.map((row) => Object.values(row)),
      EXPECTED,
    );
  });

test('serving says the same', async () => {
  const project = await tempProject({
    'plumb.yaml': PROJECT_FILE,
    'features/visits.json': JSON.stringify(DEFINITIONS),
    'data/visits.jsonl': VISITS.map((row) => `${JSON.stringify(row)}\n`).join(''),
  });
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  const entities = [1, 2, 3].map((user_id) => JSON.stringify({ user_id }));
  const { document } = await project.json('get', '--service', 's', '--at', UNTIL, '--entity', ...entities);
  const asJson = EXPECTED.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)));
  assert.deepEqual(document.rows, asJson);
});
