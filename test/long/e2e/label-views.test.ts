// Views of kind `label`: columns of training sets that look ahead, null until their window has passed, and nothing elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset, DatasetJob, VerifyReport } from '../../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from '../../e2e/http-client.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';
import { assertRefused } from '../../e2e/refused.ts';
import { DEFINITIONS, SHOP, UNTIL } from '../../e2e/shop.ts';

const LABEL = `
  - name: churned
    kind: label
    entities: [user]
    source: clicks
    features:
      - { name: clicks_next_7d, aggregate: count, window: 7d }
      - { name: spend_next_1d, aggregate: sum, column: price, window: 1d, default: -1 }
`;
const SERVICES = `
  - name: churn
    features: [churned:clicks_next_7d, profile:country, spending:*, churned:spend_next_1d]
  - name: targets
    features: [churned:*]
`;
const withLabels = (text = DEFINITIONS): string => {
  const [views = '', services = ''] = text.split('featureServices:');
  return `${views.trimEnd()}${LABEL}featureServices:${services.trimEnd()}${SERVICES}`;
};

/** Clicks of user 1 are at 10:00 and 12:30 of January 7. The last two have not matured for a while. */
const LABELS = `user_id,event_timestamp
1,2026-01-07T10:00:00Z
1,2026-01-07T10:00:00.000001Z
1,2026-01-06T12:30:00Z
1,2025-12-31T12:30:00Z
2,2026-01-07T10:00:00Z
1,2200-01-01T00:00:00Z
2,2200-01-01T00:00:00Z
`;
const COLUMNS = [
  'churned__clicks_next_7d',
  'profile__country',
  'spending__clicks_1d',
  'spending__spend_1d',
  'churned__spend_next_1d',
];
const SERVED = COLUMNS.filter((name) => !name.startsWith('churned'));
const IMMATURE = [
  { name: 'churned__clicks_next_7d', rows: 2 },
  { name: 'churned__spend_next_1d', rows: 2 },
];
const CREATE = ['dataset', 'create', '--service', 'churn', '--labels', 'ahead.csv', '--out', 'out.jsonl'];

async function project(): Promise<TempProject> {
  const shop = await tempProject({ ...SHOP, 'features/shop.yaml': withLabels(), 'ahead.csv': LABELS });
  const { code, err } = await shop.plumb('apply');
  assert.equal(code, 0, err);
  return shop;
}

async function made(shop: TempProject, ...argv: readonly string[]): Promise<Dataset> {
  const { code, document } = await shop.json(...CREATE, ...argv);
  assert.equal(code, 0, JSON.stringify(document));
  return document as unknown as Dataset;
}

const rowsOf = async (shop: TempProject): Promise<readonly (readonly unknown[])[]> =>
  (await shop.read('out.jsonl'))
    .split('\n')
    .slice(0, -1)
    .map((line) => Object.values(JSON.parse(line) as object).slice(2));

test('a training set has labels in the order of the service, null until their windows have passed, and counts those', async () => {
  const shop = await project();
  const before = Date.now();
  const dataset = await made(shop);
  assert.deepEqual(dataset.columns.map(({ name }) => name).slice(2), COLUMNS);
  assert.deepEqual(await rowsOf(shop), [
    [2, 'US', 0, null, 3.5],
    [1, 'US', 0, null, 2],
    [2, 'US', 0, null, 1.5],
    [1, null, 0, null, -1],
    [0, 'DE', 0, null, -1],
    [null, 'US', 0, null, null],
    [null, 'DE', 0, null, null],
  ]);
  assert.deepEqual(dataset.immature, IMMATURE);
  const started = Date.parse(dataset.startedAt ?? '');
  assert.ok(started >= before && started <= Date.parse(dataset.createdAt), dataset.startedAt);
  assert.deepEqual(
    dataset.features?.filter(({ label }) => label === true).map(({ name }) => name),
    IMMATURE.map(({ name }) => name),
  );
  const told = await shop.plumb(...CREATE);
  assert.match(told.err, /not matured by .*: churned__clicks_next_7d in 2 of 7 rows/);
  const shown = await shop.plumb('dataset', 'show', 'churn');
  assert.match(shown.out, /not matured +churned__clicks_next_7d in 2 of 7 rows; churned__spend_next_1d in 2 of 7 rows/);
  assert.match(
    shown.out,
    /\n +event_timestamp +given +- +TIMESTAMP[^\n]*\n +churned__clicks_next_7d +label +int64 +BIGINT\n/,
  );
  assert.match(shown.out, /\n +profile__country +feature +string +VARCHAR\n/);
  const explained = await shop.plumb(...CREATE, '--explain');
  assert.match(explained.out, /clicks_next_7d int64 = count\(\*\) over \[e, e \+ 7d\)/);
});

test('without labels in the service nothing is told of them', async () => {
  const shop = await project();
  const { document } = await shop.json('dataset', 'create', '--service', 'ranking', '--labels', 'ahead.csv');
  assert.equal('immature' in document, false);
  assert.match((await shop.plumb('dataset', 'show', 'ranking')).out, /not matured +-\n/);
});

test('lookups by service, by version and by training set leave labels out; what names one is refused', async () => {
  const shop = await project();
  await made(shop);
  assert.equal((await shop.plumb('materialize', '--until', UNTIL)).code, 0);
  const server = await shop.serve();
  const entities = [{ user_id: 1 }];
  const ask = (body: object) =>
    post(server.url, '/v1/online-features', { ...body, entities, at: UNTIL, statuses: true });
  for (const asked of [{ service: 'churn' }, { service: 'churn@1' }, { dataset: 'churn@1' }]) {
    const answer = await answerOf<Record<string, unknown>>(await ask(asked));
    assert.deepEqual(
      [answer.features, answer.rows, answer.statuses],
      [SERVED, [['US', 2, 3.5]], [['PRESENT', 'PRESENT', 'PRESENT']]],
      JSON.stringify(asked),
    );
  }
  for (const [asked, message] of [
    [{ features: ['profile:country', 'churned:clicks_next_7d'] }, /feature view churned is a label/],
    [{ features: ['churned:*'] }, /feature view churned is a label/],
    [
      { service: 'targets' },
      /service targets has nothing but labels \(churned__clicks_next_7d, churned__spend_next_1d\)/,
    ],
    [{ service: 'targets@1' }, /service targets@1 has nothing but labels/],
  ] as const) {
    const error = await refusal(await ask(asked), 'OFFLINE_ONLY');
    assert.match(error.message, message);
  }
  await refusal(await post(server.url, '/v1/materializations', { views: ['churned'] }), 'OFFLINE_ONLY');
  const labels = { keysOf: 'churned', at: UNTIL };
  await refusal(await post(server.url, '/v1/datasets', { service: 'churn', labels }), 'INVALID_REQUEST');

  const wanted = { service: 'churn', labels: { columns: { user_id: [1], event_timestamp: ['2200-01-01T00:00:00Z'] } } };
  const job = await answerOf<DatasetJob>(await post(server.url, '/v1/datasets', wanted), 202);
  const ended = (await waitFor(server.url, job.id, hasEnded)) as DatasetJob;
  assert.deepEqual(
    ended.result?.immature,
    IMMATURE.map(({ name }) => ({ name, rows: 1 })),
  );
  await server.stop();
});

test('labels are never run, and are no part of status, verify or explanations', async () => {
  const shop = await project();
  const { document } = await shop.json('materialize', '--until', UNTIL);
  const runs = document.runs as readonly { readonly view: string }[];
  assert.deepEqual(
    runs.map(({ view }) => view),
    ['profile', 'spending'],
  );
  await assertRefused(shop, ['materialize', 'churned'], 'OFFLINE_ONLY', /churned is a label.*neither materialized nor/);
  const views = (await shop.json('status')).document.views as readonly { readonly view: string }[];
  assert.deepEqual(
    views.map(({ view }) => view),
    ['profile', 'spending'],
  );
  const verified = await shop.plumb('verify', '--service', 'churn');
  assert.equal(verified.code, 0, verified.out);
  assert.match(verified.err, /churned.*it is a label/);
  const get = ['get', '--service', 'churn', '--entity', '{"user_id":1}', '--at', UNTIL];
  const explained = await shop.json(...get, '--explain');
  const explanations = explained.document.explain as readonly { readonly name: string; readonly equal: boolean }[];
  assert.deepEqual(
    explanations.map(({ name, equal }) => [name, equal]),
    SERVED.map((name) => [name, true]),
  );
  assert.deepEqual(
    explained.document.notServed,
    IMMATURE.map(({ name }) => name),
  );
  assert.match((await shop.plumb(...get, '--explain')).out, /churned__spend_next_1d is not served: it is a label/);
  const draft = await shop.json(...get, '--draft');
  assert.deepEqual([draft.document.features, draft.document.rows], [SERVED, [['US', 2, 3.5]]]);
  await assertRefused(
    shop,
    ['get', '--service', 'targets', '--entity', '{"user_id":1}', '--draft'],
    'OFFLINE_ONLY',
    /nothing but labels/,
  );
});

test('the keys of another view get labels at their instants; a label view has no keys', async () => {
  const shop = await project();
  const create = ['dataset', 'create', '--service', 'targets', '--out', 'out.jsonl'];
  const { code, err } = await shop.plumb(...create, '--keys-of', 'profile', '--at', '2026-01-07T00:00:00Z');
  assert.equal(code, 0, err);
  assert.deepEqual(await rowsOf(shop), [
    [2, 3.5],
    [0, -1],
    [0, -1],
  ]);
  await assertRefused(
    shop,
    [...create, '--keys-of', 'churned', '--at', UNTIL],
    'INVALID_REQUEST',
    /found the label view churned, expected a view that looks back/,
  );
});

test('a label is reused where all of it had matured', async () => {
  const shop = await project();
  await made(shop);
  const again = await made(shop, '--reuse', 'churn@1');
  assert.deepEqual(again.reused?.features, SERVED);
  assert.deepEqual(
    again.reused?.notReused,
    IMMATURE.map(({ name }) => ({ name, why: '2 rows of churn@1 had not matured when it was made' })),
  );
  await shop.write('ahead.csv', LABELS.split('\n').slice(0, 6).join('\n'));
  const third = await made(shop);
  const rows = await rowsOf(shop);
  const fourth = await made(shop, '--reuse', `churn@${third.version}`);
  assert.deepEqual(fourth.reused?.features, COLUMNS);
  assert.deepEqual(
    fourth.immature,
    IMMATURE.map(({ name }) => ({ name, rows: 0 })),
  );
  assert.deepEqual(await rowsOf(shop), rows);
});

test('what a change of a label moves is told, and that nothing has to be filled for it', async () => {
  const shop = await project();
  await shop.write('features/shop.yaml', withLabels().replace('count, window: 7d', 'count, window: 1h'));
  const applied = await shop.plumb('apply');
  assert.match(applied.out, /~ feature view churned\n +features\[clicks_next_7d\]\.window: "7d" → "1h"/);
  const { changes } = (await shop.json('verify', '--against', '1')).document as unknown as VerifyReport;
  assert.deepEqual(
    changes?.features.map(({ feature, moved }) => [feature, moved > 0]),
    [
      ['churned:clicks_next_7d', true],
      ['churned:spend_next_1d', false],
    ],
  );
  assert.deepEqual(changes?.refill, []);
});

test('a feature that equals a label tells the target', async () => {
  const copy = `
  - name: copy
    kind: row
    entities: [user]
    source: clicks
    features: [{ name: tells, type: float64, expression: "CASE WHEN price < 2 THEN 3.5 ELSE -1 END" }]
`;
  const text = withLabels().replace('featureServices:', `${copy.slice(1)}featureServices:`);
  const shop = await tempProject({
    ...SHOP,
    'features/shop.yaml': `${text.trimEnd()}\n  - name: leaking\n    features: [churned:spend_next_1d, copy:tells]\n`,
    'ahead.csv': 'user_id,event_timestamp\n1,2026-01-07T10:00:00Z\n2,2026-01-07T10:00:00Z\n',
  });
  assert.equal((await shop.plumb('apply')).code, 0);
  const { document } = await shop.json('dataset', 'create', '--service', 'leaking', '--labels', 'ahead.csv');
  const warnings = document.warnings as readonly string[];
  assert.ok(
    warnings.some((text) => text.startsWith('label column churned__spend_next_1d equals the feature copy__tells')),
    JSON.stringify(document),
  );
});
