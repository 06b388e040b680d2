// plumb verify of a project that has been applied and nothing else, and its reports over HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportPageSchema, reportSchema } from '../../schemas/wire.ts';
import type { MaterializationRun, ReportPage, VerifyReport, VerifyResult } from '../../schemas/wire-types.ts';
import { answerOf, refusal } from './http-client.ts';
import { tempProject } from './project.ts';
import { DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const CONTINUOUS = `
featureViews:
  - name: recent
    kind: aggregate
    entities: [user]
    source: clicks
    features: [{ name: clicks_1d, aggregate: count, window: 1d }]
  - name: hidden
    kind: row
    entities: [user]
    source: profiles
    online: false
    features: [{ name: points, type: int64 }]
featureServices:
  - name: training_only
    features: [recent:*, hidden:*]
`;

test('serving returns what training has; the store that is served from is not touched; reports are kept', async () => {
  const project = await tempProject({ ...SHOP, 'features/continuous.yaml': CONTINUOUS });
  assert.equal((await project.plumb('verify')).code, 2, 'nothing is applied');
  assert.equal((await project.plumb('apply')).code, 0);
  const first = await project.json('verify');
  const result = first.document as unknown as VerifyResult;
  assert.deepEqual([first.code, result.differences, result.equal], [0, 0, result.compared]);
  assert.deepEqual(
    result.features.map(({ feature }) => feature),
    ['profile:country', 'profile:points', 'spending:clicks_1d', 'spending:spend_1d'],
  );
  assert.deepEqual((await project.json('verify')).document, first.document);

  const nothing = await project.plumb('verify', '--service', 'training_only');
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /warning: recent was not compared: recent is a continuous aggregate view/);
  assert.match(nothing.err, /warning: hidden was not compared: online: false/);
  assert.equal((await project.plumb('verify', '--service', 'rankin')).code, 2);

  const kept = await project.stored();
  assert.deepEqual(
    kept.filter((name) => !/^(registry|leases)\//.test(name)),
    ['reports/00000001.json', 'reports/00000002.json', 'reports/00000003.json'],
  );
  await reportsOverHttp(project, result);
});

async function reportsOverHttp(project: Awaited<ReturnType<typeof tempProject>>, result: VerifyResult): Promise<void> {
  const server = await project.serve();
  const get = async <T>(path: string): Promise<T> => await answerOf<T>(await fetch(`${server.url}${path}`));
  const page = reportPageSchema.parse(await get<ReportPage>('/v1/reports?limit=2'));
  assert.deepEqual(
    page.reports.map(({ id, compared }) => [id, compared]),
    [
      ['00000003', 0],
      ['00000002', result.compared],
    ],
  );
  const rest = await get<ReportPage>(`/v1/reports?cursor=${page.next}`);
  assert.deepEqual([rest.reports.map(({ id }) => id), rest.next], [['00000001'], null]);
  const report = reportSchema.parse(await get<VerifyReport>('/v1/reports/00000001'));
  assert.deepEqual([report.features, report.service, report.skipped.length], [result.features, null, 2]);
  await refusal(await fetch(`${server.url}/v1/reports/00000004`), 'UNKNOWN_NAME');
  await refusal(await fetch(`${server.url}/v1/reports/..%2Fregistry`), 'UNKNOWN_NAME');
  await refusal(await fetch(`${server.url}/v1/reports?kind=drift`), 'INVALID_REQUEST');
  await server.stop();
}

test('a value that overflows in serving is INVALID there and for training, and no failure', async () => {
  const profiles = DEFINITIONS.replace(
    '- { name: points, type: int64 }',
    '- { name: points, type: int64 }\n      - { name: twice, type: int64, expression: "points * 1025", default: 0 }',
  );
  const big = '{"user_id":1,"ts":"2026-01-03T00:00:00Z","country":null,"points":9007199254740993}\n';
  const project = await tempProject({
    ...SHOP,
    'features/shop.yaml': profiles,
    'data/profiles.jsonl': `${SHOP['data/profiles.jsonl']}${big}`,
  });
  assert.equal((await project.plumb('apply')).code, 0);
  const { code, document } = await project.json('verify', '--service', 'ranking');
  assert.deepEqual([code, document.examples], [0, []]);
  const { document: materialized } = await project.json('materialize', 'profile', '--until', UNTIL);
  const [run] = (materialized as unknown as { runs: readonly MaterializationRun[] }).runs;
  assert.deepEqual(run?.invalidValues, { twice: 1 });
});
