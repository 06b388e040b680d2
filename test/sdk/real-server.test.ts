// The SDK against `plumb serve`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { PlumbClient } from '../../sdk/typescript/src/index.ts';
import { tempProject } from '../e2e/project.ts';
import { SHOP, UNTIL } from '../e2e/shop.ts';
import { datasetsSuite } from './datasets.suite.ts';
import { lookupSuite } from './lookup.suite.ts';

const project = await tempProject(SHOP);
for (const args of [['apply'], ['materialize', '--until', UNTIL]]) {
  const { code, err } = await project.plumb(...args);
  assert.equal(code, 0, err);
}
const server = await project.serve();
lookupSuite('plumb serve', () => server.url);
datasetsSuite('plumb serve', () => server.url);
test('plumb serve: a training set of every key of a view, at one instant', async () => {
  const client = new PlumbClient({ url: server.url });
  const labels = { keysOf: 'profile', at: UNTIL };
  const snapshot = await (await client.datasets.create({ service: 'ranking', name: 'of_keys', labels })).wait();
  const rows = await Array.fromAsync(snapshot.rows());
  assert.deepEqual(
    rows.map((row) => [row.user_id, row.event_timestamp, row.profile__country, row.spending__clicks_1d]),
    [
      [1, UNTIL, 'US', 2],
      [2, UNTIL, 'DE', 0],
      [9_007_199_254_740_995n, UNTIL, 'JP', 0],
    ],
  );
  assert.deepEqual(snapshot.manifest.labels.keysOf, { view: 'profile', at: UNTIL });
});
test('plumb serve: a training set takes from a former one what means the same', async () => {
  const { datasets } = new PlumbClient({ url: server.url });
  const columns = {
    user_id: vectorFromArray([1n, 2n], new Int64()),
    event_timestamp: vectorFromArray([UNTIL, UNTIL], new Utf8()),
  };
  const labels = new Table(columns);
  const former = await (await datasets.create({ service: 'ranking', name: 'former', labels })).wait();
  const reuse = `former@${former.manifest.version}`;
  const { manifest } = await (await datasets.create({ service: 'ranking', name: 'again', labels, reuse })).wait();
  assert.deepEqual(
    manifest.reused?.features,
    former.manifest.features?.map(({ name }) => name),
  );
  assert.deepEqual(
    manifest.parts.map(({ sha256 }) => sha256),
    former.manifest.parts.map(({ sha256 }) => sha256),
  );
});
test('plumb serve: where the values of one entity come from', async () => {
  const client = new PlumbClient({ url: server.url });
  const request = { service: 'ranking', entity: { user_id: 1 }, at: new Date(UNTIL) };
  const { answer, explanations } = await client.explain<{ profile__points: bigint }>(request);
  assert.deepEqual([answer.objects()[0]?.profile__points, answer.statuses?.[0]?.[1]], [2n ** 53n + 1n, 'PRESENT']);
  assert.deepEqual(
    explanations.map(({ name, equal, rowsTotal }) => [name, equal, rowsTotal]),
    answer.features.map((name, i) => [name, true, i < 2 ? 1 : 2]),
  );
  const [, points] = explanations;
  assert.deepEqual([points?.value, points?.rows[0]?.columns.points], [2n ** 53n + 1n, 2n ** 53n + 1n]);
  const asText = await client.explain({ features: ['profile:points'], entity: { user_id: 1 }, int64: 'string' });
  assert.equal(asText.explanations[0]?.rows[0]?.columns.points, '9007199254740993');
  await assert.rejects(client.explain({ service: 'ranking@1', entity: { user_id: 1 } }), { code: 'INVALID_REQUEST' });
});
test('plumb serve stops', async () => {
  assert.equal((await server.stop()).code, 0);
});
