// plumb verify of a project that has been applied and nothing else, and its reports over HTTP.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { reportPageSchema, reportSchema } from '../../../schemas/wire.ts';
import type { MaterializationRun, ReportPage, VerifyReport, VerifyResult } from '../../../schemas/wire-types.ts';
import { answerOf, refusal } from '../../e2e/http-client.ts';
import { tempProject } from '../../e2e/project.ts';
import { DEFINITIONS, SHOP, UNTIL } from '../../e2e/shop.ts';

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
  - name: at_once
    features: [recent:*]
  - name: training_only
    features: [hidden:*]
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
    ['recent:clicks_1d', 'profile:country', 'profile:points', 'spending:clicks_1d', 'spending:spend_1d'],
  );
  assert.deepEqual((await project.json('verify')).document, first.document);

  const nothing = await project.plumb('verify', '--service', 'training_only');
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /warning: hidden was not compared: it has `online: false`: it is in training sets only/);
  assert.equal((await project.plumb('verify', '--service', 'rankin')).code, 2);

  const kept = await project.stored();
  assert.deepEqual(
    kept.filter((name) => !/^(registry|leases)\//.test(name)),
    ['reports/00000001.json', 'reports/00000002.json', 'reports/00000003.json'],
  );
  await reportsOverHttp(project, result);
});

test('--draft verifies the definitions in files, and against a version what they would move', async () => {
  const project = await tempProject(SHOP);
  const unregistered = await project.json('verify', '--draft');
  const { compared, equal } = unregistered.document as unknown as VerifyResult;
  assert.deepEqual([unregistered.code, compared > 0, equal], [0, true, compared]);
  assert.equal((await project.plumb('apply')).code, 0);
  await writeFile(
    join(project.folder, 'features/shop.yaml'),
    DEFINITIONS.replace('count, window: 1d', 'count, window: 2d'),
  );
  const { code, document } = await project.json('verify', '--draft', '--against', '1');
  const { changes } = document as unknown as VerifyReport;
  const moving = changes?.features.filter(({ moved }) => moved > 0).map(({ feature }) => feature);
  assert.deepEqual([code, moving], [0, ['spending:clicks_1d']]);
  const markdown = await project.plumb('verify', '--draft', '--against', '1', '--markdown');
  assert.match(markdown.out, /A draft of the definitions/);
  assert.equal((await project.json('list')).document.version, 1);
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
  assert.deepEqual([report.features, report.service, report.skipped.length], [result.features, null, 1]);
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

test('--against tells what the current version moves: features, columns, what is filled anew, and how long it took', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  const changed = DEFINITIONS.replace(
    'name: clicks_1d, aggregate: count, window: 1d',
    'name: clicks_1d, aggregate: count, window: 5d',
  )
    .replace(
      'name: points, type: int64 }',
      'name: points, type: int64 }\n  - { name: fans, kind: row, entities: [user], source: profiles, features: [{ name: points, type: int64 }] }',
    )
    .replace('[profile:*, spending:*]', '[profile:country, spending:*, fans:*]');
  await project.write('features/shop.yaml', changed);
  await project.plumb('apply');
  const { code, document } = await project.json('verify', '--against', '1');
  const { changes } = document as unknown as VerifyReport;
  assert.equal(code, 0, 'a feature that moves is no difference between training and serving');
  assert.deepEqual(changes?.services, [{ service: 'ranking', added: ['fans__points'], removed: ['profile__points'] }]);
  const moved = changes?.features.map(({ feature, services, movedKeys, keys, maxAbs }) => [
    feature,
    services,
    movedKeys,
    keys,
    maxAbs,
  ]);
  assert.deepEqual(moved, [
    ['spending:clicks_1d', ['ranking'], 2, 2, 2],
    ['spending:spend_1d', ['ranking'], 0, 2, null],
  ]);
  assert.deepEqual(changes?.notCompared, [{ view: 'fans', reason: 'it is new' }]);
  assert.deepEqual(
    changes?.refill.map(({ view, reason, rows, seconds }) => [view, reason, rows, seconds !== null]),
    [
      ['spending', 'changed', 1, true],
      ['fans', 'new', null, false],
    ],
  );
  assert.equal((await project.plumb('verify', '--against', '9')).code, 2);
});
