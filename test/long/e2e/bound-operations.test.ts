// What binding a training set shows, refuses and survives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lookup, type TempProject, tempProject } from '../../e2e/project.ts';
import { DEFINITIONS, SHOP, UNTIL } from '../../e2e/shop.ts';

const WIDER = DEFINITIONS.replace('column: price, window: 1d', 'column: price, window: 7d');
const CREATE = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'churn'];
const FILES = { ...SHOP, 'plumb.yaml': `${SHOP['plumb.yaml']}retention: { grace: 1s, datasets: { keep: 1 } }\n` };
const GRACE_MILLIS = 1100;
const OLD = ['DE', 7, 0, null];
const NEW = ['DE', 7, 0, 4];

/** Materialized, with a training set. */
async function shop(): Promise<TempProject> {
  const project = await tempProject(FILES);
  for (const args of [['apply'], ['materialize', '--until', UNTIL], CREATE]) await ok(project, ...args);
  return project;
}

async function ok(project: TempProject, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await project.plumb(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
  return out;
}

async function apply(project: TempProject, definitions: string): Promise<string> {
  await project.write('features/shop.yaml', definitions);
  return await ok(project, 'apply');
}

const get = async (project: TempProject, ...asked: readonly string[]) => {
  const { document } = await project.json('get', ...asked, '--entity', '{"user_id":2}', '--at', UNTIL);
  return document.error?.code ?? (document.rows as readonly unknown[])[0];
};

async function bindingOf(project: TempProject, command: string, set: string): Promise<readonly unknown[]> {
  const { document } = await project.json('dataset', command, set);
  if (document.error !== undefined) return [document.error.code, document.error.message];
  const { changed, views } = document as unknown as {
    readonly changed: boolean;
    readonly views: readonly { readonly view: string; readonly served: string }[];
  };
  return [changed, ...views.map(({ view, served }) => `${view} ${served}`)];
}

test('status, metrics, lists and apply know of a former definition that is held', async () => {
  const project = await shop();
  await ok(project, 'dataset', 'bind', 'churn');
  const applied = await apply(project, WIDER);
  assert.match(
    applied,
    /^= spending \(churn@1\): the former definition goes on being run and served, about 1 row online/m,
  );
  await ok(project, 'materialize', '--until', UNTIL);
  const { document } = await project.json('status');
  const views = document.views as readonly Record<string, unknown>[];
  assert.deepEqual(
    views.map(({ view, boundTo, watermark, changed, overdueSeconds }) => [
      view,
      boundTo,
      watermark,
      changed,
      overdueSeconds !== null,
    ]),
    [
      ['profile', undefined, UNTIL, false, false],
      ['spending', undefined, UNTIL, false, true],
      ['spending', ['churn@1'], UNTIL, false, true],
    ],
  );
  assert.deepEqual(
    views.map(({ lastRuns }) => (lastRuns as readonly Record<string, unknown>[]).map(({ boundTo }) => boundTo)),
    [[undefined, undefined], [undefined, undefined], [['churn@1']]],
  );
  assert.match(await ok(project, 'status'), /spending \(churn@1\) .* a former definition, held/);
  assert.match(await ok(project, 'dataset', 'list'), /churn +1 .* 1$/m);
  assert.match(await ok(project, 'dataset', 'show', 'churn'), /bound +yes/);
  assert.deepEqual((await project.json('describe', 'spending')).document.boundTo, ['churn@1']);
  assert.match(await ok(project, 'doctor'), /3 views are materialized, 1 of them former definitions/);
  const { url, stop } = await project.serve();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /plumb_view_freshness_seconds\{view="spending \(churn@1\)"\} \d/);
  const status = (await (await fetch(`${url}/v1/status`)).json()) as {
    readonly views: readonly { readonly boundTo?: unknown }[];
  };
  assert.deepEqual(
    status.views.map(({ boundTo }) => boundTo),
    [undefined, undefined, ['churn@1']],
  );
  await stop();
});

test('over HTTP it is the same, and a training set that is bound is kept', async () => {
  const project = await shop();
  const { url, stop } = await project.serve();
  const post = async (path: string) => {
    const response = await fetch(`${url}/v1/datasets/${path}`, { method: 'POST' });
    return [response.status, ((await response.json()) as { readonly changed?: boolean }).changed];
  };
  assert.deepEqual(await post('churn/latest/bind'), [200, true]);
  assert.deepEqual(await post('churn/1/bind'), [200, false]);
  assert.deepEqual(await post('none/1/bind'), [404, undefined]);
  await apply(project, WIDER);
  await ok(project, 'materialize', '--until', UNTIL);
  await ok(project, ...CREATE);
  await sleep(GRACE_MILLIS);
  await ok(project, 'gc');
  const answer = await lookup(url, { dataset: 'churn@1', entities: [{ user_id: 2 }], at: UNTIL });
  assert.deepEqual(((await answer.json()) as { readonly rows: unknown }).rows, [OLD]);
  assert.deepEqual(await post('churn/1/retire'), [200, true]);
  assert.equal((await lookup(url, { dataset: 'churn@1', entities: [], at: UNTIL })).status, 409);
  await ok(project, 'gc');
  assert.deepEqual(await post('churn/1/bind'), [404, undefined]);
  // The newest one stays, so that its number is not given again.
  await ok(project, ...CREATE);
  assert.match(await ok(project, 'dataset', 'list'), /churn +3 /);
  await stop();
});

test('one whose generation is gone is filled by the next run, from the snapshot while that is kept, and refused until then', async () => {
  const project = await shop();
  await apply(project, WIDER);
  await ok(project, 'materialize', '--until', UNTIL);
  assert.equal(await get(project, '--dataset', 'churn@1'), 'NOT_AS_LEARNED');
  assert.deepEqual(await bindingOf(project, 'bind', 'churn@1'), [true, 'profile present', 'spending to_fill']);
  assert.equal(await get(project, '--dataset', 'churn@1'), 'NOT_AS_LEARNED');
  await ok(project, 'materialize', 'spending', '--until', UNTIL);
  assert.deepEqual(
    [await get(project, '--dataset', 'churn@1'), await get(project, '--service', 'ranking')],
    [OLD, NEW],
  );
  // Retired and bound again within the grace period, it is there at once.
  assert.deepEqual(await bindingOf(project, 'retire', 'churn@1'), [true, 'spending leaving']);
  assert.equal(await get(project, '--dataset', 'churn@1'), 'NOT_AS_LEARNED');
  assert.deepEqual(await bindingOf(project, 'bind', 'churn@1'), [true, 'profile present', 'spending held']);
  assert.deepEqual(await get(project, '--dataset', 'churn@1'), OLD);
  // A definition that comes back takes its own generation up again.
  await apply(project, DEFINITIONS);
  const { document } = await project.json('materialize', 'spending', '--until', UNTIL);
  assert.equal((document.runs as readonly unknown[]).length, 1, JSON.stringify(document));
  assert.deepEqual(
    [await get(project, '--dataset', 'churn@1'), await get(project, '--service', 'ranking')],
    [OLD, OLD],
  );
});

const CHEAP = DEFINITIONS.replace('price: float64 }', 'price: float64, kind: string }');
const OF_KIND = CHEAP.replace('aggregate: count, window: 1d', 'aggregate: count, column: kind, window: 1d');
const KINDS = SHOP['data/clicks.jsonl']?.replaceAll('}', ',"kind":"x"}') ?? '';
const CSV = (definitions: string): string =>
  definitions.replace('path: data/clicks.jsonl\n    format: jsonl', 'path: data/clicks.csv\n    format: csv');
const csvOf = (columns: readonly string[]): string =>
  [
    columns.join(','),
    ...KINDS.trim()
      .split('\n')
      .map((line) => columns.map((name) => JSON.parse(line)[name]).join(',')),
  ].join('\n');

test('a source that lost a column: apply warns, the former definition fails by name and the others go on, what is there is served', async () => {
  const all = ['user_id', 'ts', 'price', 'kind'];
  const project = await tempProject({ ...FILES, 'features/shop.yaml': CSV(OF_KIND), 'data/clicks.csv': csvOf(all) });
  for (const args of [['apply'], ['materialize', '--until', UNTIL], CREATE, ['dataset', 'bind', 'churn']])
    await ok(project, ...args);
  await project.write('data/clicks.csv', csvOf(all.slice(0, 3)));
  const applied = await apply(project, CSV(WIDER));
  assert.match(applied, /! spending \(churn@1\): its runs will fail: .*kind.*plumb dataset retire churn@1/);
  const { code, document } = await project.json('materialize', '--until', UNTIL);
  const runs = document.runs as readonly { readonly outcome: string; readonly notice: string | null }[];
  assert.deepEqual([code, runs.map(({ outcome }) => outcome)], [1, ['succeeded', 'succeeded', 'failed']]);
  assert.match(
    runs[2]?.notice ?? '',
    /former definition of spending that churn@1 is bound to: .*plumb dataset retire churn@1/,
  );
  assert.deepEqual(
    [await get(project, '--dataset', 'churn@1'), await get(project, '--service', 'ranking')],
    [OLD, NEW],
  );
  await ok(project, 'dataset', 'retire', 'churn@1');
  await ok(project, 'gc');
  await sleep(GRACE_MILLIS);
  await ok(project, 'gc');
  const [code2, message] = await bindingOf(project, 'bind', 'churn@1');
  assert.equal(code2, 'NOT_AS_LEARNED');
  assert.match(String(message), /churn@1 cannot be bound: no generation of spending .* has no column kind any more/);
});

test('a draft and a set without served features are refused with the reason', async () => {
  const project = await shop();
  await ok(project, ...CREATE, '--draft');
  const [code, message] = await bindingOf(project, 'bind', 'churn@2');
  assert.equal(code, 'NOT_AS_LEARNED');
  assert.match(String(message), /^churn@2 was made of definitions that were not registered/);
  assert.deepEqual((await bindingOf(project, 'retire', 'churn@9'))[0], 'UNKNOWN_NAME');
  await apply(
    project,
    DEFINITIONS.replace('    source: profiles\n    features', '    source: profiles\n    online: false\n    features'),
  );
  await ok(project, ...CREATE);
  assert.equal((await bindingOf(project, 'bind', 'churn@3'))[0], 'OFFLINE_ONLY');
});

const TIED = `${SHOP['data/profiles.jsonl']}{"user_id":2,"ts":"2026-01-02T00:00:00Z","country":"AT","points":3}\n`;
const BEFORE = DEFINITIONS.replace(
  '      - { name: country, type: string }\n',
  '      - { name: negative, type: int64, expression: "0 - points" }\n      - { name: country, type: string }\n',
);
const BEHIND = DEFINITIONS.replace(
  '      - { name: points, type: int64 }\n',
  '      - { name: points, type: int64 }\n      - { name: negative, type: int64, expression: "0 - points" }\n',
);

test('a feature before those of a row view may choose another row of one instant: refused, or served by what is held', async () => {
  const project = await tempProject({ ...FILES, 'data/profiles.jsonl': TIED });
  for (const args of [['apply'], ['materialize', '--until', UNTIL], CREATE]) await ok(project, ...args);
  const learned = ['DE', 7, 0, null];
  assert.deepEqual(await get(project, '--dataset', 'churn@1'), learned);
  await apply(project, BEHIND.replace('[profile:*, spending:*]', '[profile:country, profile:points, spending:*]'));
  await ok(project, 'materialize', '--until', UNTIL);
  assert.deepEqual(await get(project, '--dataset', 'churn@1'), learned);
  assert.deepEqual(await get(project, '--service', 'ranking@1'), learned);
  await apply(project, BEFORE.replace('[profile:*, spending:*]', '[profile:country, profile:points, spending:*]'));
  await ok(project, 'dataset', 'bind', 'churn@1');
  await ok(project, 'dataset', 'retire', 'churn@1');
  await ok(project, 'materialize', '--until', UNTIL);
  assert.equal(await get(project, '--dataset', 'churn@1'), 'NOT_AS_LEARNED');
  assert.equal(await get(project, '--service', 'ranking@1'), 'NOT_AS_LEARNED');
  assert.deepEqual(await get(project, '--service', 'ranking'), ['AT', 3, 0, null]);
  assert.deepEqual(await get(project, '--service', 'ranking@2'), ['AT', 3, 0, null]);
  await ok(project, 'dataset', 'bind', 'churn@1');
  await ok(project, 'materialize', '--until', UNTIL);
  assert.deepEqual(await get(project, '--dataset', 'churn@1'), learned);
});

test('a backup brings held generations back', async () => {
  const project = await shop();
  await ok(project, 'dataset', 'bind', 'churn');
  await apply(project, WIDER);
  await ok(project, 'materialize', '--until', UNTIL);
  const former = / +spending \(a former definition\) /;
  assert.match((await project.plumb('backup', 'create', 'backups')).out, former);
  await project.remove('.plumb');
  const { document: dry } = await project.json('backup', 'restore', 'backups', '--dry-run');
  const isFormer = (dry.online as { view: string; isFormer?: true }[]).map((one) => [one.view, one.isFormer]);
  assert.deepEqual(isFormer, [
    ['profile', undefined],
    ['spending', undefined],
    ['spending', true],
  ]);
  await ok(project, 'backup', 'restore', 'backups');
  assert.deepEqual(
    [await get(project, '--dataset', 'churn@1'), await get(project, '--service', 'ranking')],
    [OLD, NEW],
  );
  const { document } = await project.json('materialize', '--until', UNTIL);
  assert.equal((document.runs as readonly unknown[]).length, 3);
});
