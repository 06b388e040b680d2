// A training set that is bound goes on being served as it was learned, beside what is defined since, until it is retired.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLookup } from '../../../src/in-process/index.ts';
import { lookup, type TempProject, tempProject } from '../../e2e/project.ts';
import { CLICKS, DEFINITIONS, PROJECT_FILE, SHOP, UNTIL } from '../../e2e/shop.ts';
import { RedisServer } from '../../servers/redis.ts';

const LATER = '2026-01-08T06:00:00Z';
const WIDER = DEFINITIONS.replace('column: price, window: 1d', 'column: price, window: 7d');
/** Without `points`, and with another feature before `country`. */
const OTHER_PROFILE = WIDER.replace('      - { name: points, type: int64 }\n', '').replace(
  '      - { name: country, type: string }\n',
  '      - { name: is_us, type: bool, expression: "country = \'US\'" }\n      - { name: country, type: string }\n',
);
const WITHOUT_SPENDING = OTHER_PROFILE.replace(/ {2}- name: spending\n[\s\S]*?(?=featureServices)/, '').replace(
  '[profile:*, spending:*]',
  '[profile:*]',
);

const redis = await RedisServer.start({});
after(() => redis[Symbol.asyncDispose]());

for (const [store, online] of [
  ['LMDB', '{ kind: lmdb }'],
  ['Redis', `{ kind: redis, url: "${redis.url}" }`],
] as const)
  test(`on ${store} a bound training set and the present definitions are served side by side`, () => story(online));

async function story(online: string): Promise<void> {
  const project = await tempProject({
    ...SHOP,
    'plumb.yaml': `${PROJECT_FILE.replace('{ kind: lmdb }', online)}retention: { grace: 1s }\n`,
  });
  await ok(project, 'apply');
  await ok(project, 'materialize', '--until', UNTIL);
  await ok(project, 'dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'churn');
  const first = ['US', 2 ** 53, 2, 3.5];
  assert.deepEqual(await bindingOf(project, 'bind', 'churn@1'), [true, 'profile present', 'spending present']);
  assert.deepEqual(await bindingOf(project, 'bind', 'churn'), [false, 'profile present', 'spending present']);

  // Changed, and not run yet; then run; then both again, later and with more rows.
  await applied(project, WIDER);
  assert.deepEqual(await served(project, UNTIL), { churn: first, ranking: first });
  const ran = await runs(project, UNTIL);
  assert.deepEqual(ran, ['profile ', 'spending ', 'spending churn@1']);
  assert.deepEqual(await served(project, UNTIL), { churn: first, ranking: first });
  await project.write('data/clicks.jsonl', `${CLICKS}{"user_id":1,"ts":"2026-01-08T05:00:00Z","price":10}\n`);
  await runs(project, LATER);
  const later = ['US', 2 ** 53, 3, 13.5];
  assert.deepEqual(await served(project, LATER), { churn: later, ranking: later });
  assert.deepEqual(await served(project, LATER, 2), { churn: ['DE', 7, 0, null], ranking: ['DE', 7, 0, 4] });

  // A feature that is gone, and one that came before; then a view that is gone.
  await applied(project, OTHER_PROFILE);
  assert.deepEqual((await served(project, LATER, 2)).churn, ['DE', 7, 0, null]);
  assert.deepEqual(await runs(project, LATER), ['profile ', 'spending ', 'profile churn@1', 'spending churn@1']);
  assert.deepEqual(await served(project, LATER, 2), { churn: ['DE', 7, 0, null], ranking: [false, 'DE', 0, 4] });
  await applied(project, WITHOUT_SPENDING);
  assert.deepEqual(await served(project, LATER), { churn: later, ranking: [true, 'US'] });
  assert.deepEqual(await runs(project, LATER), ['profile ', 'profile churn@1', 'spending churn@1']);
  await ok(project, 'gc');
  assert.deepEqual(await runs(project, '2026-01-09T08:00:00Z', 'spending'), ['spending churn@1']);
  assert.deepEqual((await served(project, '2026-01-09T08:00:00Z')).churn, ['US', 2 ** 53, 0, null]);
  await atOnce(project);

  assert.deepEqual(await bindingOf(project, 'retire', 'churn@1'), [true, 'profile leaving', 'spending leaving']);
  assert.deepEqual(await bindingOf(project, 'retire', 'churn@1'), [false]);
  assert.equal((await get(project, '--dataset', 'churn@1', LATER)).document.error?.code, 'NOT_AS_LEARNED');
  assert.deepEqual(await runs(project, '2026-01-09T09:00:00Z'), ['profile ']);
  await sleep(GRACE_MILLIS);
  assert.deepEqual(await generationsCollected(project), ['profile', 'spending']);
  assert.deepEqual(await generationsCollected(project), []);
}

/** Of one server: what is defined now and what was learned, over HTTP and in a process of one's own. */
async function atOnce(project: TempProject): Promise<void> {
  const { url, stop } = await project.serve();
  const body = { entities: [{ user_id: 1 }], at: LATER, statuses: true, asOf: true };
  const [bound, present] = (await Promise.all(
    [{ dataset: 'churn@1' }, { service: 'ranking' }].map(
      async (asked) => (await (await lookup(url, { ...asked, ...body })).json()) as Answer,
    ),
  )) as [Answer, Answer];
  assert.deepEqual(bound.features, [
    'profile__country',
    'profile__points',
    'spending__clicks_1d',
    'spending__spend_1d',
  ]);
  assert.equal(bound.asOf.spending, '2026-01-09T08:00:00Z');
  assert.deepEqual(bound.statuses, [['PRESENT', 'PRESENT', 'TOO_EARLY', 'TOO_EARLY']]);
  assert.deepEqual([present.features, present.rows], [['profile__is_us', 'profile__country'], [[true, 'US']]]);
  await stop();
  await using inProcess = await openLookup({ config: join(project.folder, 'plumb.yaml') });
  const { rows } = await inProcess.lookup({
    dataset: 'churn@1',
    entities: [{ user_id: 2n }],
    at: '2026-01-09T08:00:00Z',
  });
  assert.deepEqual(rows, [['DE', 7n, 0n, null]]);
}

interface Answer {
  readonly features: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly statuses: readonly (readonly string[])[];
  readonly asOf: Readonly<Record<string, string>>;
}

const GRACE_MILLIS = 1100;

async function generationsCollected(project: TempProject): Promise<readonly string[]> {
  const { document } = await project.json('gc');
  const removed = document.removed as readonly { readonly kind: string; readonly name: string }[];
  return removed.filter(({ kind }) => kind === 'generation').map(({ name }) => name);
}

async function ok(project: TempProject, ...args: readonly string[]): Promise<void> {
  const { code, out, err } = await project.plumb(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
}

async function applied(project: TempProject, definitions: string): Promise<void> {
  await project.write('features/shop.yaml', definitions);
  await ok(project, 'apply');
}

async function runs(project: TempProject, until: string, ...views: readonly string[]): Promise<readonly string[]> {
  const { code, document } = await project.json('materialize', ...views, '--until', until);
  assert.equal(code, 0, JSON.stringify(document));
  const reports = document.runs as readonly { readonly view: string; readonly boundTo?: readonly string[] }[];
  return reports.map(({ view, boundTo = [] }) => `${view} ${boundTo.join(' ')}`);
}

const get = (project: TempProject, kind: string, name: string, at: string, user = 1) =>
  project.json('get', kind, name, '--entity', `{"user_id":${user}}`, '--at', at);

async function served(project: TempProject, at: string, user = 1) {
  const rows = {
    churn: await get(project, '--dataset', 'churn@1', at, user),
    ranking: await get(project, '--service', 'ranking', at, user),
  };
  const rowOf = ({ document }: typeof rows.churn) => (document.rows as unknown[] | undefined)?.[0] ?? document;
  return { churn: rowOf(rows.churn), ranking: rowOf(rows.ranking) };
}

async function bindingOf(project: TempProject, command: string, set: string): Promise<readonly unknown[]> {
  const { code, document } = await project.json('dataset', command, set);
  assert.equal(code, 0, JSON.stringify(document));
  const { changed, views } = document as unknown as {
    readonly changed: boolean;
    readonly views: readonly { readonly view: string; readonly served: string }[];
  };
  return [changed, ...views.map(({ view, served }) => `${view} ${served}`)];
}
