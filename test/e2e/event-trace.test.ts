// Where was this record dropped? `plumb event trace` and `plumb event rejected`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbClient } from '../../sdk/typescript/src/index.ts';
import { tempProject } from './project.ts';

const project = await tempProject({
  'plumb.yaml': 'project: shop\nserver: { port: 0 }\n',
  'data/before.csv': 'user_id,ts,price\n7,2026-01-01T10:00:00Z,1\n',
  'features/taps.yaml': `
entities:
  - { name: user, joinKeys: [{ name: user_id, type: int64 }] }
sources:
  - name: taps
    kind: stream
    timestampColumn: ts
    eventIdColumn: id
    columns: { id: string, user_id: int64, ts: timestamp, price: float64 }
    deadLetters: 7d
    history: { path: data/before.csv, format: csv, until: 2026-01-03, columns: { user_id: int64, ts: timestamp, price: float64 } }
featureViews:
  - { name: spent, kind: aggregate, entities: [user], source: taps, features: [{ name: n, aggregate: count, window: 30d }] }
  - name: dear
    kind: aggregate
    entities: [user]
    source: taps
    where: price > 100
    features: [{ name: cents, aggregate: sum, expression: CAST(price * 100 AS INTEGER), window: 30d }]
featureServices:
  - { name: all, features: ["spent:*", "dear:*"] }
`,
});
assert.equal((await project.plumb('apply')).code, 0);

interface Traced {
  readonly position: { readonly offset: string } | null;
  readonly received: { readonly at: string; readonly by: string | null } | null;
  readonly lakePart: string | null;
  readonly isIgnored: boolean;
  readonly views: readonly {
    readonly view: string;
    readonly outcome: string;
    readonly key: unknown;
    readonly isApplied: unknown;
  }[];
  readonly rejected: readonly { readonly path: string; readonly reason: string }[];
}

async function traced(id: string): Promise<Traced & { readonly code: number | null }> {
  const { code, document } = await project.json('event', 'trace', 'taps', id);
  return { ...(document as unknown as Traced), code };
}

test('an event is found with all that became of it; one that is nowhere is told', async () => {
  const server = await project.serve();
  const tap = (id: string, ts: string, price: unknown) => ({ id, user_id: 7, ts, price });
  const client = new PlumbClient({ url: server.url });
  const events = [
    tap('cheap', '2026-01-04T00:00:00Z', 5),
    tap('dear', '2026-01-04T00:00:01Z', 200),
    tap('far', '2026-01-04T00:00:02Z', 1e12),
    tap('old', '2026-01-02T00:00:00Z', 5),
    tap('bad', '2026-01-04T00:00:00Z', 'much'),
  ];
  const answer = await client.push('taps', events, { onError: 'accept_valid', wait: 'applied', timeout: '30s' });
  assert.deepEqual([answer.accepted, answer.ignored, answer.applied], [4, 1, true]);
  const outcomes = async (id: string) =>
    (await traced(id)).views.map(({ view, outcome, key, isApplied }) => [
      view,
      outcome,
      JSON.stringify(key),
      isApplied,
    ]);
  const key = '{"user_id":"7"}';
  assert.deepEqual(await outcomes('cheap'), [
    ['spent', 'counts', key, true],
    ['dear', 'left_out', 'null', true],
  ]);
  assert.deepEqual(await outcomes('dear'), [
    ['spent', 'counts', key, true],
    ['dear', 'counts', key, true],
  ]);
  assert.deepEqual(await outcomes('far'), [
    ['spent', 'counts', key, true],
    ['dear', 'invalid', key, true],
  ]);
  const old = await traced('old');
  assert.deepEqual(
    [old.isIgnored, old.position?.offset, old.received?.by, old.lakePart],
    [true, '3', null, old.lakePart],
  );
  const bad = await traced('bad');
  assert.deepEqual([bad.code, bad.position, bad.rejected.map(({ path }) => path)], [0, null, ['price']]);
  assert.equal((await traced('nobody')).code, 1);
  const made = await project.plumb(
    'dataset',
    'create',
    '--service',
    'all',
    '--keys-of',
    'spent',
    '--at',
    '2026-01-03T12:00:00Z',
    '--out',
    'o.jsonl',
  );
  assert.equal(made.code, 0, made.err);
  assert.match((await traced('cheap')).lakePart ?? '', /^lake\/taps\/0\/parts\/.*\.parquet$/);
  const { document } = await project.json('event', 'rejected', 'taps');
  assert.match(JSON.stringify(document.rejected), /"path":"price","reason":"[^"]*found \\"much\\"/);
  assert.match((await project.plumb('event', 'trace', 'taps', 'cheap')).out, /lookups see it/);
  await server.stop();
});
