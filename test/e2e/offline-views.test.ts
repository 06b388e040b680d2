// Views with `online: false`, and which views a materialization without names is about.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MaterializationJob } from '../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from './http-client.ts';
import { type TempProject, tempProject } from './project.ts';
import { DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const VIEWS = `
  - name: history
    kind: row
    entities: [user]
    source: profiles
    online: false
    features: [{ name: country, type: string }]
  - name: unread
    kind: row
    entities: [user]
    source: profiles
    features: [{ name: country, type: string }]
`;
const SERVICES = `
  - name: training
    features: [history:*, profile:points]
`;

async function project(): Promise<TempProject> {
  const [views = '', services = ''] = DEFINITIONS.split('featureServices:');
  const text = `${views.trimEnd()}${VIEWS}featureServices:${services.trimEnd()}${SERVICES}`;
  const made = await tempProject({ ...SHOP, 'features/shop.yaml': text });
  assert.equal((await made.plumb('apply')).code, 0);
  return made;
}

const viewsOf = (runs: unknown): readonly string[] =>
  (runs as readonly { readonly view: string }[]).map(({ view }) => view);

async function materialized(shop: TempProject, ...args: readonly string[]): Promise<readonly string[]> {
  const { code, document } = await shop.json('materialize', '--until', UNTIL, ...args);
  assert.equal(code, 0, JSON.stringify(document));
  return viewsOf(document.runs);
}

test('without names the views that a service reads online are run; with --service those of one', async () => {
  const shop = await project();
  assert.deepEqual(await materialized(shop, '--service', 'training'), ['profile']);
  assert.deepEqual(await materialized(shop), ['profile', 'spending']);
  assert.deepEqual(await materialized(shop, 'unread'), ['unread']);
  for (const [args, code, message] of [
    [['history'], 'OFFLINE_ONLY', /feature view history has `online: false`/],
    [['--service', 'trainin'], 'UNKNOWN_NAME', /did you mean "training"/],
    [['profile', '--service', 'ranking'], 'INVALID_REQUEST', /expected one of the two/],
  ] as const) {
    const { code: exit, document } = await shop.json('materialize', '--until', UNTIL, ...args);
    assert.deepEqual([exit, document.error?.code], [2, code]);
    assert.match(document.error?.message ?? '', message);
  }
});

test('a lookup of it is refused, a training set has it, and status says so', async () => {
  const shop = await project();
  await materialized(shop);
  const server = await shop.serve();
  for (const body of [{ service: 'training' }, { features: ['history:country'] }]) {
    const refused = await post(server.url, '/v1/online-features', { ...body, entities: [{ user_id: 1 }] });
    await refusal(refused, 'OFFLINE_ONLY');
    assert.equal(refused.status, 400);
  }
  const wanted = { service: 'training', until: UNTIL, mode: 'full' };
  const { id } = await answerOf<MaterializationJob>(await post(server.url, '/v1/materializations', wanted), 202);
  const job = (await waitFor(server.url, id, hasEnded)) as MaterializationJob;
  assert.deepEqual([job.request.service, viewsOf(job.result?.runs)], ['training', ['profile']]);
  await refusal(await post(server.url, '/v1/materializations', { views: ['history'] }), 'OFFLINE_ONLY');
  await server.stop();

  const made = await shop.plumb(
    'dataset',
    'create',
    '--service',
    'training',
    '--labels',
    'labels.csv',
    '--out',
    'set.jsonl',
  );
  assert.equal(made.code, 0, made.err);
  const [first = ''] = (await shop.read('set.jsonl')).split('\n');
  assert.equal((JSON.parse(first) as Record<string, unknown>).history__country, 'US');

  const { document } = await shop.json('status');
  const views = document.views as readonly { readonly view: string; readonly online: boolean }[];
  assert.deepEqual(
    views.filter(({ online }) => !online).map(({ view }) => view),
    ['history'],
  );
  assert.match((await shop.plumb('status')).out, /training sets only/);
});
