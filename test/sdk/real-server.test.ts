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
test('plumb serve stops', async () => {
  assert.equal((await server.stop()).code, 0);
});
