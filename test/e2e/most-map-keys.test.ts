// A map without `top` holds 1,000 keys; with more it is INVALID, on every way to it: a run, an entry, a training set.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tempProject } from './project.ts';
import { PROJECT_FILE, UNTIL } from './shop.ts';

const MOST = 1000;
const view = (name: string, refresh: string): string => `
  - name: ${name}
    kind: aggregate
    entities: [user]
    source: views
    ${refresh}features: [{ name: items, aggregate: count, by: item, window: 7d }]`;

const rows = (user: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${user},i${i},2026-01-07T00:00:00Z`);

const project = await tempProject({
  'plumb.yaml': PROJECT_FILE,
  'features/views.yaml': `
entities: [{ name: user, joinKeys: [{ name: user_id, type: int64 }] }]
sources:
  - name: views
    kind: batch
    path: views.csv
    format: csv
    timestampColumn: at
    columns: { user_id: int64, item: string, at: timestamp }
featureViews:${view('scheduled', 'refresh: { every: 1h, delay: 0s }\n    ')}${view('continuous', '')}
featureServices:
  - { name: both, features: [scheduled:items, continuous:items] }
`,
  'views.csv': ['user_id,item,at', ...rows(1, MOST), ...rows(2, MOST + 1), ''].join('\n'),
  'full.csv': 'event_timestamp,user_id\n2026-01-07T12:00:00Z,1\n',
  'over.csv': 'event_timestamp,user_id\n2026-01-07T12:00:00Z,2\n',
});
const applied = await project.plumb('apply');
assert.equal(applied.code, 0, applied.err);
const run = await project.plumb('materialize', '--until', UNTIL);
assert.equal(run.code, 0, run.err);

test('online, a map of 1,000 keys is there, and one of 1,001 is INVALID', async () => {
  const { document } = await project.json(
    ...['get', '--service', 'both', '--at', UNTIL, '--entity', '{"user_id":1}', '--entity', '{"user_id":2}'],
  );
  const { rows: found, statuses } = document as unknown as { rows: (object | null)[][]; statuses: string[][] };
  assert.deepEqual(
    found.map((row) => row.map((map) => map && Object.keys(map).length)),
    [
      [MOST, MOST],
      [null, null],
    ],
  );
  assert.deepEqual(statuses, [
    ['PRESENT', 'PRESENT'],
    ['INVALID', 'INVALID'],
  ]);
});

test('a training set that meets one of 1,001 keys is refused by its name, one of 1,000 is made', async () => {
  const create = (labels: string) =>
    project.plumb('dataset', 'create', '--service', 'both', '--labels', labels, '--out', 'out.jsonl');
  assert.equal((await create('full.csv')).code, 0);
  const { code, err } = await create('over.csv');
  assert.equal(code, 1);
  assert.match(err, /scheduled__items: .* a map of more than 1,000 keys/);
});
