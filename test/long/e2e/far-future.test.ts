// A run with `--until` in the far future, and what becomes of later runs of it and of the other views.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MaterializationJob } from '../../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from '../../e2e/http-client.ts';
import { tempProject } from '../../e2e/project.ts';
import { SHOP } from '../../e2e/shop.ts';

const FAR = '2300-01-01T00:00:00Z';
type Runs = readonly { readonly view: string; readonly outcome: string; readonly notice: string | null }[];
const outcomes = (runs: Runs) => runs.map(({ view, outcome }) => [view, outcome]);

test('--until in the far future needs --allow-future; a view that is there does not keep others from running', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  const refused = await project.json('materialize', '--until', FAR);
  assert.deepEqual([refused.code, refused.document.error?.code], [2, 'INVALID_REQUEST']);
  assert.match(refused.document.error?.message ?? '', /expected at most one day after the clock.*add --allow-future/);
  assert.equal((await project.plumb('materialize', 'profile', '--until', FAR, '--allow-future')).code, 0);

  const plain = await project.json('materialize');
  assert.equal(plain.code, 1);
  const runs = plain.document.runs as Runs;
  assert.deepEqual(outcomes(runs), [
    ['profile', 'failed'],
    ['spending', 'succeeded'],
  ]);
  assert.match(runs[0]?.notice ?? '', /lies before the watermark of profile, 2300-01-01T00:00:00Z; .*--full/);

  assert.equal((await project.plumb('materialize', 'profile', '--full')).code, 0);
  assert.equal((await project.plumb('materialize')).code, 0);
});

test('over HTTP "allowFuture" permits it', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  const server = await project.serve();
  await refusal(await post(server.url, '/v1/materializations', { until: FAR }), 'INVALID_REQUEST');
  const body = { until: FAR, views: ['profile'], allowFuture: true };
  const { id } = await answerOf<MaterializationJob>(await post(server.url, '/v1/materializations', body), 202);
  assert.equal((await waitFor(server.url, id, hasEnded)).status, 'succeeded');
  const later = await answerOf<MaterializationJob>(await post(server.url, '/v1/materializations', {}), 202);
  const job = (await waitFor(server.url, later.id, hasEnded)) as MaterializationJob;
  assert.deepEqual(outcomes(job.result?.runs ?? []), [
    ['profile', 'failed'],
    ['spending', 'succeeded'],
  ]);
  await server.stop();
});
