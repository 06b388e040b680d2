// A project with one continuous view: an int64 beyond what a double holds, maps, a list, an offset, and a key that is folded.
import assert from 'node:assert/strict';
import type { TempProject } from './project.ts';

export const CONTINUOUS_DEFINITIONS = `
entities:
  - name: user
    joinKeys: [{ name: user_id, type: int64 }]
sources:
  - name: clicks
    kind: batch
    path: data/clicks.jsonl
    format: jsonl
    timestampColumn: ts
    columns: { user_id: int64, ts: timestamp, price: float64, cents: int64, kind: string }
featureViews:
  - name: recent
    kind: aggregate
    entities: [user]
    source: clicks
    features:
      - { name: clicks_1d, aggregate: count, window: 1d, hop: 1h }
      - { name: cents_1d, aggregate: sum, column: cents, window: 1d, hop: 1h }
      - { name: prices, aggregate: last_n, n: 2, column: price, window: 1d, hop: 1h }
      - { name: cents_by, aggregate: sum, column: cents, by: kind, top: 2, window: 1d, hop: 1h }
      - { name: kinds, aggregate: count, by: kind, top: 2, as: keys, window: unbounded }
      - { name: day_before, aggregate: count, window: 1d, offset: 1d, hop: 1h }
featureServices:
  - name: ranking
    features: [recent:*]
`;

/** Until the first run, half a day later, and long after. */
export const FIRST = '2026-01-08T00:00:00Z';
export const NOON = '2026-01-08T12:00:00Z';
export const LONG_AFTER = '2026-03-01T00:00:00Z';

/** 2^53 + 1 */
export const BIG = 9_007_199_254_740_993n;

export const click = (user: number, ts: string, price: number, cents: number | bigint, kind: string): string =>
  `{"user_id":${user},"ts":"${ts}","price":${price},"cents":${cents},"kind":"${kind}"}\n`;

/** More rows than an entry keeps: one each 7 minutes, the i-th of i cents. */
const FOLDED = Array.from({ length: 200 }, (_, i) => {
  const at = new Date(Date.UTC(2026, 0, 7) + i * 7 * 60_000).toISOString();
  return click(3, at, i, i, `k${i % 3}`);
});

export const CONTINUOUS_CLICKS = [
  click(1, '2026-01-07T10:00:00Z', 1.5, BIG, 'a'),
  click(1, '2026-01-07T12:30:00Z', 2, 200, 'b'),
  click(1, '2026-01-07T13:00:00Z', 3, 300, 'c'),
  click(2, '2026-01-05T00:00:00Z', 4, 400, 'a'),
  ...FOLDED,
].join('');

export const CONTINUOUS_SHOP: Readonly<Record<string, string>> = {
  'plumb.yaml': 'project: shop\nonline: { kind: lmdb }\nengine: { kind: duckdb, threads: 1 }\n',
  'features/shop.yaml': CONTINUOUS_DEFINITIONS,
  'data/clicks.jsonl': CONTINUOUS_CLICKS,
};

export const USERS = [1, 2, 3, 77] as const;

/** By hand. JSON.parse rounds what users have beyond 2^53. */
const NOTHING = [0, null, [], {}, [], 0];
export const AT_FIRST = [
  [3, Number(BIG + 500n), [3, 2], { a: Number(BIG), c: 300 }, ['a', 'b'], 0],
  [0, null, [], {}, ['a'], 0],
  [200, 19_900, [199, 198], { k1: 6_700, k0: 6_633 }, ['k0', 'k1'], 0],
  NOTHING,
];
/** The window begins at 12:00 the day before: of user 3 with the 103rd row. */
export const AT_NOON = [
  [2, 500, [3, 2], { c: 300, b: 200 }, ['a', 'b'], 1],
  [0, null, [], {}, ['a'], 0],
  [97, 14_647, [199, 198], { k1: 4_983, k0: 4_848 }, ['k0', 'k1'], 103],
  NOTHING,
];
export const AT_LAST = [
  [0, null, [], {}, ['a', 'b'], 0],
  [0, null, [], {}, ['a'], 0],
  [0, null, [], {}, ['k0', 'k1'], 0],
  NOTHING,
];

interface Rows {
  readonly rows: readonly (readonly unknown[])[];
}

export async function must(
  project: TempProject,
  ...args: readonly string[]
): Promise<Readonly<Record<string, unknown>>> {
  const { code, document } = await project.json(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${JSON.stringify(document)}`);
  return document;
}

/** What `plumb get` returns of the four users. */
export async function served(
  project: TempProject,
  at: string,
  of: readonly string[] = ['--service', 'ranking'],
): Promise<Rows['rows']> {
  const entities = USERS.map((user) => `{"user_id":${user}}`);
  return ((await must(project, 'get', ...of, '--entity', ...entities, '--at', at)) as unknown as Rows).rows;
}

/** What a training set of the same instant has. */
export async function trained(project: TempProject, at: string, name = 'same_instant'): Promise<Rows['rows']> {
  const labels = USERS.map((user) => `{"user_id":${user},"event_timestamp":"${at}"}\n`);
  await project.write('labels.jsonl', labels.join(''));
  const create = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.jsonl', '--name', name];
  await must(project, ...create, '--out', 'set.jsonl');
  const lines = (await project.read('set.jsonl')).trim().split('\n');
  return lines.map((line) => {
    const { user_id: _, event_timestamp: __, ...features } = JSON.parse(line) as Record<string, unknown>;
    return Object.values(features);
  });
}
