// Erasures of an entity whose join keys changed since runs and training sets were made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErasureReport } from '../../../schemas/wire-types.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';
import { PROJECT_FILE, UNTIL } from '../../e2e/shop.ts';

const definitions = (joinKeys: string): string => `
entities:
  - { name: account, joinKeys: [${joinKeys}] }
sources:
  - name: plans
    kind: batch
    path: data/plans.jsonl
    format: jsonl
    timestampColumn: ts
    columns: { region: int64, id: int64, ts: timestamp, plan: string }
featureViews:
  - { name: plan, kind: row, entities: [account], source: plans, features: [{ name: plan, type: string }] }
featureServices:
  - { name: ranking, features: [plan:*] }
`;

const [REGION, ID] = ['{ name: region, type: int64 }', '{ name: id, type: int64 }'];

const row = (region: number, id: number): string =>
  JSON.stringify({ region, id, ts: '2026-01-01T00:00:00Z', plan: `${region}-${id}` });

async function shop(joinKeys: string): Promise<TempProject> {
  const project = await tempProject({
    'plumb.yaml': PROJECT_FILE,
    'features/plans.yaml': definitions(joinKeys),
    'data/plans.jsonl': `${row(7, 8)}\n${row(8, 7)}\n`,
    'labels.csv': `region,id,event_timestamp\n7,8,${UNTIL}\n8,7,${UNTIL}\n`,
  });
  await ok(project, 'apply');
  await ok(project, 'materialize', '--until', UNTIL);
  await ok(project, 'dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv');
  return project;
}

async function ok(project: TempProject, ...args: readonly string[]) {
  const { code, document } = await project.json(...args);
  assert.equal(code, 0, JSON.stringify(document));
  return document;
}

const planOf = async (project: TempProject, region: number, id: number): Promise<unknown> => {
  const entity = JSON.stringify({ region, id });
  const { rows } = await ok(project, 'get', '--service', 'ranking', '--entity', entity, '--at', UNTIL);
  return (rows as readonly (readonly unknown[])[])[0]?.[0];
};

const forget = async (project: TempProject, key: object): Promise<ErasureReport> =>
  (await ok(project, 'forget', 'account', '--key', JSON.stringify(key))) as unknown as ErasureReport;

test('regression: after join keys changed their order, another key than the erased one was left out', async () => {
  const project = await shop(`${REGION}, ${ID}`);
  await forget(project, { region: 7, id: 8 });
  await project.write('features/plans.yaml', definitions(`${ID}, ${REGION}`));
  await ok(project, 'apply');
  await ok(project, 'materialize', '--until', UNTIL);
  assert.deepEqual([await planOf(project, 7, 8), await planOf(project, 8, 7)], [null, '8-7']);
});

test('regression: a key by join keys in a new order was erased from former runs and sets as another key', async () => {
  const project = await shop(`${REGION}, ${ID}`);
  await project.write('features/plans.yaml', definitions(`${ID}, ${REGION}`));
  await ok(project, 'apply');
  const { views, datasets } = await forget(project, { region: 7, id: 8 });
  assert.deepEqual(
    [views.map(({ rows, online }) => [rows, online]), datasets.map(({ rows }) => rows)],
    [[[1, 1]], [1]],
  );
  await project.write('features/plans.yaml', definitions(`${REGION}, ${ID}`));
  await ok(project, 'apply');
  assert.deepEqual([await planOf(project, 7, 8), await planOf(project, 8, 7)], [null, '8-7']);
});

test('regression: what was made of another number of join keys lost rows of other keys; it is left, and named', async () => {
  const project = await shop(REGION);
  await project.write('features/plans.yaml', definitions(`${ID}, ${REGION}`));
  await ok(project, 'apply');
  const { views, left } = await forget(project, { region: 8, id: 7 });
  assert.deepEqual(views, []);
  assert.deepEqual(
    left.filter(({ why }) => why.includes('join keys of account were others than id, region')).map(({ what }) => what),
    ['views/plan/00000001/', 'ranking@1'],
  );
  await project.write('features/plans.yaml', definitions(REGION));
  await ok(project, 'apply');
  assert.deepEqual(
    [await planOf(project, 7, 8), await planOf(project, 8, 7)],
    ['7-8', '8-7'],
    'the live generation has what it had',
  );
});

test('regression: keys of an entity that is defined no more could not be erased, while a bound set was served', async () => {
  const project = await shop(`${REGION}, ${ID}`);
  await ok(project, 'dataset', 'bind', 'ranking@1');
  const renamed = definitions(`${REGION}, ${ID}`)
    .replace('name: account,', 'name: tenant,')
    .replace('[account]', '[tenant]');
  await project.write('features/plans.yaml', renamed);
  await ok(project, 'apply');
  await ok(project, 'materialize', '--until', UNTIL);
  const { views, datasets } = await forget(project, { region: 7, id: 8 });
  assert.deepEqual([views.map(({ view, online }) => [view, online]), datasets.length], [[['plan', 1]], 1]);
  const learned = async (region: number, id: number): Promise<unknown> => {
    const entity = JSON.stringify({ region, id });
    return (await ok(project, 'get', '--dataset', 'ranking@1', '--entity', entity, '--at', UNTIL)).rows;
  };
  const both = async () => [await learned(7, 8), await learned(8, 7), await planOf(project, 7, 8)];
  assert.deepEqual(await both(), [[[null]], [['8-7']], '7-8'], 'to the new entity the erasure means nothing');
  await ok(project, 'materialize', '--until', '2026-01-09T00:00:00Z');
  assert.deepEqual((await both())[0], [[null]]);
  const { code, document } = await project.json('forget', 'acount', '--key', '{"region":7,"id":8}');
  assert.deepEqual([code, document.error?.code], [2, 'UNKNOWN_NAME']);
});

test('regression: label rows went whose column is called as the join key, and holds what is only rounded to the key', async () => {
  const project = await shop(`${REGION}, ${ID}`);
  const other = definitions(`${REGION}, ${ID}`)
    .replace('entities:', 'entities:\n  - { name: part, joinKeys: [{ name: plan, type: string }] }')
    .replace(/\n {2}- \{ name: ranking, .*/, '\n  - { name: parts, features: [of_plan:*] }')
    .replace(
      'featureServices:',
      '  - { name: of_plan, kind: row, entities: [part], source: plans, features: [{ name: id, type: int64 }] }\nfeatureServices:',
    );
  await project.write('features/plans.yaml', other);
  await ok(project, 'apply');
  const lines = [
    { region: 7.4, id: '8' },
    { region: 7, id: '8.4' },
    { region: 7, id: '8' },
    { region: 7, id: ' 8' },
    { region: 7, id: '8.0' },
  ].map((keys) => JSON.stringify({ plan: '7-8', ...keys, event_timestamp: UNTIL }));
  await project.write('labels.jsonl', lines.join('\n'));
  await ok(project, 'dataset', 'create', '--service', 'parts', '--labels', 'labels.jsonl', '--name', 'parts');
  const { datasets } = await forget(project, { region: 7, id: 8 });
  assert.deepEqual(
    datasets.filter(({ name }) => name === 'parts').map(({ rows }) => rows),
    [3],
  );
});
