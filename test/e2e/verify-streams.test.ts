// plumb verify of views that streams feed: what a replay of the log serves beside training sets of history and lake.
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeParquetFile } from './parquet-file.ts';
import { tempProject } from './project.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-01-03T00:00:00Z');
const BEFORE = Array.from({ length: 40 }, (_, i) => {
  const ts = new Date(START - (40 - i) * 3_600_000).toISOString();
  return `${i % 4},${ts},${i}`;
});
const project = await tempProject({
  'plumb.yaml': 'project: shop\nserver: { port: 0 }\n',
  'features/taps.yaml': `
entities:
  - { name: user, joinKeys: [{ name: user_id, type: int64 }] }
sources:
  - name: taps
    kind: stream
    timestampColumn: ts
    eventIdColumn: id
    columns: { id: string, user_id: int64, ts: timestamp, price: float64, page: string }
    history: { path: data/before.csv, format: csv, until: 2026-01-03, columns: { user_id: int32, ts: timestamp, price: float64 } }
featureViews:
  - name: spent
    kind: aggregate
    entities: [user]
    source: taps
    features:
      - { name: taps, aggregate: count, window: 7d }
      - { name: total, aggregate: sum, column: price, window: 1d }
      - { name: pages, aggregate: last_n, n: 3, column: page, window: 7d }
      - { name: dear, aggregate: count, window: 7d, where: "price > 20" }
  - { name: daily, kind: aggregate, entities: [user], source: taps, refresh: { every: 1d }, features: [{ name: taps, aggregate: count, window: 7d }] }
  - { name: newest, kind: row, entities: [user], source: taps, ttl: 2d, features: [{ name: price, type: float64 }, { name: page, type: string }] }
featureServices:
  - { name: all, features: ["spent:*", "daily:*", "newest:*"] }
`,
  'data/before.csv': `user_id,ts,price\n${BEFORE.join('\n')}\n`,
});
assert.equal((await project.plumb('apply')).code, 0);

/** Late by up to half a day, and one in five comes twice. */
const taps = Array.from({ length: 600 }, (_, i) => ({
  ...{ id: `t${i - (i % 5 === 4 ? 1 : 0)}`, user_id: (i * i) % 7, page: `p${i % 11}` },
  ...{ ts: new Date(START + (i / 600) * 6 * DAY - ((i * 37) % 13) * 3_600_000).toISOString(), price: (i * 7) % 50 },
}));

interface Report {
  readonly compared: number;
  readonly differences: number;
  readonly features: readonly { readonly feature: string; readonly compared: number; readonly differs: number }[];
}

test('nothing differs while events come, and in history alone', async () => {
  const server = await project.serve();
  for (const part of [0, 1]) {
    const reports = await project.json('verify', '--samples', '100');
    const report = reports.document as unknown as Report;
    assert.equal(reports.code, 0, JSON.stringify(reports.document));
    assert.deepEqual(
      report.features.map(({ feature }) => feature),
      ['spent:taps', 'spent:total', 'spent:pages', 'spent:dear', 'daily:taps', 'newest:price', 'newest:page'],
    );
    assert.ok(
      report.features.every(({ compared }) => compared >= 20),
      JSON.stringify(report.features),
    );
    const events = taps.slice(part * 300, (part + 1) * 300);
    const answer = await fetch(`${server.url}/v1/sources/taps/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    assert.equal(answer.status, 202);
  }
  await server.stop();
});

test('a part of the lake that is not what the log says is found', async () => {
  const [part = ''] = (await project.stored()).filter((path) => path.includes('/parts/'));
  const path = join(project.folder, '.plumb', part);
  await writeParquetFile(`${path}.new`, `SELECT * REPLACE (price + 1 AS price) FROM read_parquet('${path}')`);
  await rename(`${path}.new`, path);
  const { code, document } = await project.json('verify', '--samples', '300');
  assert.equal(code, 1);
  const { features, differences } = document as unknown as Report;
  assert.ok(differences > 0);
  const differing = features.filter(({ differs }) => differs > 0).map(({ feature }) => feature);
  assert.deepEqual(differing, ['spent:total', 'spent:dear', 'newest:price']);
});
