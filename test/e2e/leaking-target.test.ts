// Training sets that hold their own target: the row view reads the very rows that are the labels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset, DatasetJob } from '../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, waitFor } from './http-client.ts';
import { tempProject } from './project.ts';

const DEFINITIONS = `
entities: [{ name: user, joinKeys: [{ name: user_id, type: int64 }] }]
sources:
  - name: orders
    kind: batch
    path: data/orders.csv
    format: csv
    timestampColumn: ts
    columns: { user_id: int64, ts: timestamp, amount: float64, bought: int64 }
featureViews:
  - name: last_order
    kind: row
    entities: [user]
    source: orders
    features: [{ name: amount, type: float64 }, { name: bought, type: int64 }]
featureServices: [{ name: orders, features: ["last_order:*"] }]
`;
const INSTANTS = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z'];
const orders = INSTANTS.map((ts, i) => `1,${ts},${i * 10},${i % 2}\n`).join('');
const project = await tempProject({
  'plumb.yaml': 'project: leaks\nengine: { kind: duckdb, threads: 1 }\nserver: { port: 0 }\n',
  'features/leaks.yaml': DEFINITIONS,
  'data/orders.csv': `user_id,ts,amount,bought\n${orders}`,
  'own.csv': `user_id,event_timestamp,target\n${INSTANTS.map((ts, i) => `1,${ts},${i % 2}\n`).join('')}`,
  'later.csv': `user_id,event_timestamp,target\n${INSTANTS.map((ts, i) => `1,${ts.replace('T00', 'T09')},${(i + 1) % 2}\n`).join('')}`,
  'half.csv': `user_id,event_timestamp\n${INSTANTS.map((ts, i) => `1,${i < 2 ? ts : ts.replace('T00', 'T09')}\n`).join('')}`,
});
await project.plumb('apply');

const create = (labels: string, ...more: readonly string[]): readonly string[] => [
  ...['dataset', 'create', '--service', 'orders', '--labels', labels],
  ...more,
];
const OWN_ROW = /view last_order: 4 of 4 labels get a row of exactly their own instant/;
const COPIED = /label column target equals the feature last_order__bought in 4 of 4 rows/;

test('labels that get their own events, and a label column that equals a feature, are warned of', async () => {
  const { code, err } = await project.plumb(...create('own.csv'));
  assert.equal(code, 0, err);
  assert.match(err, OWN_ROW);
  assert.match(err, COPIED);
  const { document } = await project.json('dataset', 'show', 'orders');
  assert.match(String(document.warnings), OWN_ROW);
  assert.match((await project.plumb('dataset', 'show', 'orders')).out, /warnings/);
});

test('with --strict nothing is made, and the exit code is 2', async () => {
  const before = await project.stored();
  const made = create('own.csv', '--name', 'strict', '--strict', '--out', 'strict.jsonl');
  const { code, document } = await project.json(...made);
  assert.equal(code, 2);
  assert.equal(document.error?.code, 'INVALID_LABELS');
  assert.match(document.error.message, OWN_ROW);
  assert.match(document.error.message, COPIED);
  assert.deepEqual(await project.stored(), before);
  await assert.rejects(project.read('strict.jsonl'), { code: 'ENOENT' });
});

for (const labels of ['later.csv', 'half.csv'])
  test(`no warning without a majority: ${labels}`, async () => {
    const { code, err } = await project.plumb(...create(labels, '--name', 'sound', '--strict'));
    assert.equal(code, 0, err);
    assert.doesNotMatch(err, /warning/);
  });

test('over HTTP the warnings stand in the job and in the dataset', async () => {
  const server = await project.serve();
  const columns = { user_id: [1, 1, 1, 1], event_timestamp: INSTANTS, target: [0, 1, 0, 1] };
  const body = { service: 'orders', name: 'http', labels: { columns } };
  const { id } = await answerOf<DatasetJob>(await post(server.url, '/v1/datasets', body), 202);
  const job = (await waitFor(server.url, id, hasEnded)) as DatasetJob;
  assert.match(String(job.result?.warnings), OWN_ROW);
  const dataset = await answerOf<Dataset>(await fetch(`${server.url}/v1/datasets/http/1`));
  assert.match(String(dataset.warnings), COPIED);
  await server.stop();
});
