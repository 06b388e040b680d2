// Processes that share a storage: one at a time works on a view or applies; one that was paused for too long commits nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome, startPaused, type TempProject, tempProject } from '../e2e/project.ts';
import { SHOP, UNTIL } from '../e2e/shop.ts';

const LEASE_TERM_MILLIS = 4000;

async function shop(leaseTermMillis = LEASE_TERM_MILLIS): Promise<TempProject> {
  const file = `${SHOP['plumb.yaml']}leaseTermMillis: ${leaseTermMillis}\n`;
  const project = await tempProject({ ...SHOP, 'plumb.yaml': file });
  assert.equal((await project.plumb('apply')).code, 0);
  return project;
}

const refusal = ({ out }: Outcome) => (JSON.parse(out) as { readonly error: { code: string; message: string } }).error;
const runsOf = ({ out }: Outcome) =>
  (JSON.parse(out) as { readonly runs: readonly { view: string; outcome: string; notice: string | null }[] }).runs;

const MATERIALIZE = ['materialize', 'profile', '--until', UNTIL, '--json'];

for (const failpoint of ['materialize.computed', 'materialize.parts_adopted']) {
  test(`a run that is paused at ${failpoint} for longer than its lease commits nothing`, async () => {
    const project = await shop();
    const paused = await startPaused(project.folder, failpoint, MATERIALIZE);
    const followed = await project.json(...MATERIALIZE);
    assert.equal(followed.code, 0, JSON.stringify(followed.document));
    const before = await project.stored();
    const late = await paused.goOn();
    assert.equal(late.code, 1);
    const [run] = runsOf(late);
    assert.equal(run?.outcome, 'failed');
    assert.match(run?.notice ?? '', /^(the lease view.profile was lost|run 00000001 of profile was taken for dead)/);
    const written = (await project.stored()).filter((path) => !before.includes(path));
    assert.deepEqual(
      written.filter((path) => path.endsWith('manifest.json')),
      [],
    );
    const { document } = await project.json('status');
    const [view] = document.views as readonly { watermark: string; lastRuns: { run: string; outcome: string }[] }[];
    assert.deepEqual([view?.watermark, view?.lastRuns[0]?.run], [UNTIL, '00000002']);
    const get = await project.json('get', '--features', 'profile:*', '--entity', '{"user_id":2}', '--at', UNTIL);
    assert.deepEqual(get.document.rows ?? get.document, [['DE', 7]]);
  });
}

test('a run that lives refuses another one of its view, and no other view', async () => {
  const project = await shop(60_000);
  const long = ['materialize', 'profile', '--until', UNTIL, '--json'];
  const paused = await startPaused(project.folder, 'materialize.computed', long);
  const { document: shown } = await project.json('status');
  const views = shown.views as readonly { view: string; runningBy: { pid: number; purpose: string } | null }[];
  assert.deepEqual(
    views.map(({ view, runningBy }) => [view, runningBy?.pid ?? null, runningBy?.purpose ?? null]),
    [
      ['profile', paused.pid, 'materializing profile'],
      ['spending', null, null],
    ],
  );
  const second = project.json(...MATERIALIZE);
  assert.equal((await project.json('materialize', 'spending', '--until', UNTIL)).code, 0);
  await sleep(300);
  const first = await paused.goOn();
  assert.equal(first.code, 0, first.out + first.err);
  const { code, document } = await second;
  // It was refused while the first showed life, or came after its end.
  if (code !== 0) assert.match(JSON.stringify(document.runs), /has been materializing profile since/);
});

test('a run whose process was killed is followed at once', async () => {
  const project = await shop(3_600_000);
  const paused = await startPaused(project.folder, 'materialize.parts_adopted', MATERIALIZE);
  await paused.kill();
  const begunAtMillis = performance.now();
  assert.equal((await project.json(...MATERIALIZE)).code, 0);
  assert.ok(performance.now() - begunAtMillis < 600_000);
  assert.match(await project.read('.plumb/views/profile/00000001/manifest.json'), /"kind": "abandoned"/);
});

test('an apply that is paused for longer than its lease registers nothing over another one', async () => {
  const project = await shop();
  const definitions = SHOP['features/shop.yaml'] as string;
  await project.write('features/shop.yaml', definitions.replace('[profile:*, spending:*]', '[profile:*]'));
  const paused = await startPaused(project.folder, 'apply.before_put', ['apply', '--json']);
  await project.write('features/shop.yaml', definitions.replace('[profile:*, spending:*]', '[spending:*]'));
  assert.equal((await project.plumb('apply')).code, 0);
  const late = await paused.goOn();
  assert.deepEqual([late.code, refusal(late).code], [1, 'CONFLICT']);
  const { document } = await project.json('describe', 'ranking');
  assert.match(JSON.stringify(document), /spending__clicks_1d/);
});

test('a build of a dataset that is paused for longer than its lease makes none; builds do not exclude each other', async () => {
  const project = await shop();
  const build = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train', '--json'];
  const paused = await startPaused(project.folder, 'dataset.computed', build);
  assert.equal((await project.json(...build)).code, 0);
  await sleep(LEASE_TERM_MILLIS);
  const late = await paused.goOn();
  assert.deepEqual([late.code, refusal(late).code], [1, 'CONFLICT']);
  const { document } = await project.json('dataset', 'list');
  assert.deepEqual(
    (document.datasets as { name: string; version: number }[]).map(({ name, version }) => [name, version]),
    [['train', 1]],
  );
  const left = (await project.stored()).filter(
    (path) => path.startsWith('datasets/') || path.startsWith('leases/dataset'),
  );
  assert.deepEqual(
    left.map((path) => path.replace(/part-\w+/, 'part')),
    ['datasets/train/00000001/manifest.json', 'datasets/train/00000001/part-00000.parquet'],
  );
});
