// The SDK against `plumb serve`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
test('plumb serve stops', async () => {
  assert.equal((await server.stop()).code, 0);
});
