// Training sets and runs of views over a stream read its history, its lake and its log, each event once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../waiting.ts';
import { tempProject } from './project.ts';

const definitions = (columns: string) => `
entities:
  - { name: user, joinKeys: [{ name: user_id, type: int64 }] }
sources:
  - name: taps
    kind: stream
    timestampColumn: ts
    eventIdColumn: id
    columns: { ${columns} }
    history: { path: data/before.csv, format: csv, until: 2026-01-03, columns: { user_id: int32, ts: timestamp, price: float64 } }
featureViews:
  - name: spent
    kind: aggregate
    entities: [user]
    source: taps
    features:
      - { name: taps, aggregate: count, window: 30d }
      - { name: total, aggregate: sum, column: price, window: 30d }
      - { name: pages, aggregate: last_n, n: 3, column: page, window: 30d }
  - name: daily
    kind: aggregate
    entities: [user]
    source: taps
    refresh: { every: 1d }
    features: [{ name: total, aggregate: sum, column: price, window: 30d }]
  - { name: newest, kind: row, entities: [user], source: taps, features: [{ name: price, type: float64 }] }
featureServices:
  - { name: all, features: ["spent:*", "daily:*", "newest:*"] }
`;

const BEFORE = 'user_id,ts,price\n7,2026-01-01T10:00:00Z,1\n7,2026-01-02T10:00:00Z,2\n7,2026-01-03T10:00:00Z,1000\n';
const project = await tempProject({
  'plumb.yaml': 'project: shop\nserver: { port: 0 }\n',
  'features/taps.yaml': definitions('id: string, user_id: int64, ts: timestamp, price: float64, page: string'),
  'data/before.csv': BEFORE,
  'labels.jsonl': ['2026-01-02T12:00:00Z', '2026-01-05T00:00:00Z', '2026-01-06T12:00:00Z']
    .map((event_timestamp) => `${JSON.stringify({ user_id: 7, event_timestamp })}\n`)
    .join(''),
});
assert.equal((await project.plumb('apply')).code, 0);

async function push(url: string, events: readonly object[]) {
  const response = await fetch(`${url}/v1/sources/taps/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  });
  return (await response.json()) as Record<string, unknown>;
}

const tap = (id: string, ts: string, price: number, page?: string) => ({ id, user_id: 7, ts, price, page });

async function trained(): Promise<readonly (readonly unknown[])[]> {
  const { code, err } = await project.plumb(
    'dataset',
    'create',
    '--service',
    'all',
    '--labels',
    'labels.jsonl',
    '--out',
    'out.jsonl',
  );
  assert.equal(code, 0, err);
  const rows = (await project.read('out.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return rows.map((row) =>
    ['spent__taps', 'spent__total', 'spent__pages', 'daily__total', 'newest__price'].map((name) => row[name]),
  );
}

test('history before its end, events from there on; late ones too; what was pushed since is read by the next set', async () => {
  assert.deepEqual(await trained(), [
    [2, 3, [], 1, 2],
    [2, 3, [], 3, 2],
    [2, 3, [], 3, 2],
  ]);
  const server = await project.serve();
  const sent = [
    tap('a', '2026-01-04T00:00:00Z', 10, 'home'),
    tap('b', '2026-01-02T00:00:00Z', 500, 'cut'),
    tap('c', '2026-01-06T06:00:00Z', 100),
  ];
  assert.equal((await push(server.url, sent)).ignored, 1);
  const first = [
    [2, 3, [], 1, 2],
    [3, 13, ['home'], 13, 10],
    [4, 113, ['home'], 13, 100],
  ];
  assert.deepEqual(await trained(), first);
  assert.equal(
    (await push(server.url, [sent[0] as object, tap('d', '2026-01-03T00:00:00Z', 20, 'late')])).duplicates,
    1,
  );
  assert.deepEqual(await trained(), [
    [2, 3, [], 1, 2],
    [4, 33, ['home', 'late'], 33, 10],
    [5, 133, ['home', 'late'], 33, 100],
  ]);
  await server.stop();
});

test('a run of a scheduled view reads the same', async () => {
  const { code } = await project.plumb('materialize', 'daily', '--until', '2026-01-05T00:00:00Z');
  assert.equal(code, 0);
  const { document } = await project.json(
    'get',
    '--service',
    'all',
    '--entity',
    '{"user_id":7}',
    '--at',
    '2026-01-05T12:00:00Z',
    '--draft',
  );
  assert.equal((document.rows as readonly unknown[][])[0]?.[3], 33);
});

test('an explanation computes a value of a stream anew from history, lake and log', async () => {
  const server = await project.serve();
  const { document } = await until(
    () =>
      project.json('get', '--service', 'all', '--entity', '{"user_id":7}', '--at', '2026-01-06T12:00:00Z', '--explain'),
    ({ code }) => code === 0,
  );
  const told = document.explain as readonly {
    readonly name: string;
    readonly value: unknown;
    readonly equal: boolean;
  }[];
  assert.deepEqual(
    told.map(({ name, value, equal }) => [name, value, equal]),
    [
      ['spent__taps', 5, true],
      ['spent__total', 133, true],
      ['spent__pages', ['home', 'late'], true],
      ['daily__total', 33, true],
      ['newest__price', 100, true],
    ],
  );
  await server.stop();
});
