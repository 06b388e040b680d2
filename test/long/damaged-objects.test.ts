// Stored objects that were damaged: the rest is told, what is damaged is named with what mends it, and that mends it.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ViewStatus } from '../../src/materialize/run.ts';
import { answerOf } from '../e2e/http-client.ts';
import { type TempProject, tempProject } from '../e2e/project.ts';
import { assertRefused } from '../e2e/refused.ts';
import { SHOP, UNTIL } from '../e2e/shop.ts';

const LATER = '2026-01-09T00:00:00Z';
const PART = 'part-00000.parquet';
/** No JSON, and no manifest; `src/offline/manifest.test.ts` has more that read as damaged. */
const DAMAGES = ['', '{}'];

async function materialized(): Promise<TempProject> {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  return project;
}

async function statusOf(project: TempProject): Promise<ReadonlyMap<string, ViewStatus>> {
  const { code, document } = await project.json('status');
  assert.equal(code, 0);
  const { views } = document as unknown as { views: readonly ViewStatus[] };
  return new Map(views.map((view) => [view.view, view]));
}

async function doctor(project: TempProject, name: string): Promise<{ outcome: string; found: string } | undefined> {
  const { document } = await project.json('doctor');
  const { checks } = document as unknown as { checks: readonly { name: string; outcome: string; found: string }[] };
  return checks.find((check) => check.name === name);
}

for (const damage of DAMAGES) {
  test(`a manifest that is ${JSON.stringify(damage)} is told of its view alone, and --full mends it`, async () => {
    const project = await materialized();
    const [run] = await readdir(join(project.folder, '.plumb/views/profile'));
    await project.write(`.plumb/views/profile/${run}/manifest.json`, damage);
    const views = await statusOf(project);
    assert.equal(views.get('spending')?.damaged.length, 0);
    assert.equal(views.get('profile')?.watermark, UNTIL);
    assert.match(String(views.get('profile')?.damaged), /views\/profile\/\d+\/manifest\.json is damaged.*--full/);
    assert.match((await project.plumb('status')).out, /Damaged, profile: .*`plumb materialize profile --full`/);
    const found = await doctor(project, 'watermarks');
    assert.equal(found?.outcome, 'fail');
    assert.equal(found.found.match(/manifest\.json is damaged/g)?.length, 1);
    const failed = await project.plumb('materialize', '--until', LATER);
    assert.equal(failed.code, 1);
    assert.match(failed.out + failed.err, /`plumb materialize profile --full`/);
    assert.equal((await statusOf(project)).get('spending')?.watermark, LATER);
    assert.equal((await project.plumb('gc')).code, 0);
    assert.equal((await project.plumb('materialize', 'profile', '--full', '--until', LATER)).code, 0);
    const mended = (await statusOf(project)).get('profile');
    assert.deepEqual([mended?.watermark, mended?.damaged], [LATER, []]);
    assert.equal((await project.plumb('materialize', '--until', '2026-01-10T00:00:00Z')).code, 0);
  });
}

test('a damaged manifest that the live run builds on is found by doctor', async () => {
  const project = await materialized();
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
  const [first] = (await readdir(join(project.folder, '.plumb/views/profile'))).toSorted();
  await project.write(`.plumb/views/profile/${first}/manifest.json`, '{');
  assert.match((await doctor(project, 'watermarks'))?.found ?? '', /views\/profile\/\d+\/manifest\.json is damaged/);
});

for (const [what, harm] of [
  ['is gone', (project, run) => project.remove(`.plumb/views/profile/${run}/${PART}`)],
  ['is cut', (project, run) => project.write(`.plumb/views/profile/${run}/${PART}`, 'PAR1')],
  ['lost its manifest', (project, run) => project.remove(`.plumb/views/profile/${run}/manifest.json`)],
] as const satisfies readonly (readonly [string, (project: TempProject, run: string) => Promise<void>])[]) {
  test(`regression: a part or the manifest of the live run that ${what} is told by doctor and by runs; --full mends it`, async () => {
    const project = await materialized();
    const [run = ''] = await readdir(join(project.folder, '.plumb/views/profile'));
    await harm(project, run);
    const found = await doctor(project, 'watermarks');
    assert.equal(found?.outcome, 'fail');
    assert.match(found.found, /views\/profile\/\d+.*`plumb materialize profile --full`/);
    assert.equal((await project.plumb('materialize', 'profile', '--full', '--until', LATER)).code, 0);
    assert.equal((await doctor(project, 'watermarks'))?.outcome, 'ok');
  });
}

test('regression: a training set that lost a part is told by doctor and by the list', async () => {
  const project = await materialized();
  const labels = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv'];
  assert.equal((await project.plumb(...labels)).code, 0);
  const folder = '.plumb/datasets/ranking/00000001';
  const part = (await readdir(join(project.folder, folder))).find((name) => name.endsWith('.parquet'));
  await project.remove(`${folder}/${part}`);
  const found = await doctor(project, 'training sets');
  assert.equal(found?.outcome, 'fail');
  assert.match(found.found, /datasets\/ranking\/00000001\/part-.* is missing; create it again/);
  const { document } = await project.json('dataset', 'list');
  assert.match(JSON.stringify(document.damaged), /is missing/);
  assert.equal((await project.plumb(...labels)).code, 0);
  assert.equal((await doctor(project, 'training sets'))?.outcome, 'ok');
});

test('a damaged report is told, and no view fails for it', async () => {
  const project = await materialized();
  const [run] = await readdir(join(project.folder, '.plumb/views/profile'));
  await project.write(`.plumb/views/profile/${run}/report.json`, '{"outcome":');
  assert.match(String((await statusOf(project)).get('profile')?.damaged), /report\.json is damaged.*remove it/);
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
});

test('a damaged lease is told, and the next run takes its place once nobody writes it', async () => {
  const project = await materialized();
  const [lease] = (await readdir(join(project.folder, '.plumb/leases/view.profile'))).toSorted();
  await project.write(`.plumb/leases/view.profile/${lease}`, '{"owner":');
  const views = await statusOf(project);
  assert.match(String(views.get('profile')?.damaged), /the lease of profile is damaged/);
  assert.equal(views.get('spending')?.damaged.length, 0);
  await project.write('plumb.yaml', `${SHOP['plumb.yaml']}leaseTermMillis: 1000\n`);
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
  assert.deepEqual((await statusOf(project)).get('profile')?.damaged, []);
});

test('a damaged training set is named in lists, beside the others, and creating it again mends it', async () => {
  const project = await materialized();
  const create = async (name: string): Promise<number | null> =>
    (await project.plumb('dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', name)).code;
  assert.deepEqual([await create('a'), await create('b'), await create('c')], [0, 0, 0]);
  await project.write('.plumb/datasets/b/00000001/manifest.json', '[]');
  const { code, document } = await project.json('dataset', 'list');
  assert.equal(code, 0);
  type Listed = {
    datasets: readonly { name: string }[];
    damaged?: readonly { name: string; version: number; message: string }[];
  };
  const check = ({ datasets, damaged }: Listed): void => {
    assert.deepEqual(
      datasets.map(({ name }) => name),
      ['a', 'c'],
    );
    assert.deepEqual(
      damaged?.map(({ name, version }) => [name, version]),
      [['b', 1]],
    );
    assert.match(damaged?.[0]?.message ?? '', /create it again with `plumb dataset create`/);
  };
  check(document as unknown as Listed);
  assert.match((await project.plumb('dataset', 'list')).out, /Damaged: b@1: /);
  await assertRefused(project, ['dataset', 'show', 'b'], 'STORAGE_CORRUPT', /create it again/);
  const { url } = await project.serve();
  check(await answerOf<Listed>(await fetch(`${url}/v1/datasets`)));
  const first = await answerOf<Listed & { next: string }>(await fetch(`${url}/v1/datasets?limit=2`));
  assert.deepEqual([first.datasets.length, first.damaged?.length], [1, 1]);
  const second = await answerOf<Listed>(await fetch(`${url}/v1/datasets?limit=2&cursor=${first.next}`));
  assert.deepEqual([second.datasets.map(({ name }) => name), second.damaged], [['c'], undefined]);
  assert.equal(await create('b'), 0);
  const mended = await answerOf<Listed>(await fetch(`${url}/v1/datasets`));
  assert.deepEqual([mended.datasets.length, mended.damaged], [3, undefined]);
});

test('a source file that changed behind the watermark stays in status until a run reads everything', async () => {
  const project = await materialized();
  await project.write(
    'data/profiles.jsonl',
    `${SHOP['data/profiles.jsonl']}{"user_id":3,"ts":"2026-01-01T00:00:00Z"}\n`,
  );
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
  const told = /data\/profiles\.jsonl changed and hold rows before 2026-01-07T00:00:00Z, which were not read.*--full/;
  assert.match((await statusOf(project)).get('profile')?.unread ?? '', told);
  assert.equal((await project.plumb('materialize', '--until', '2026-01-10T00:00:00Z')).code, 0);
  assert.match((await statusOf(project)).get('profile')?.unread ?? '', told);
  assert.match((await project.plumb('status')).out, /Not read, profile: data\/profiles\.jsonl changed/);
  assert.equal((await statusOf(project)).get('spending')?.unread, null);
  assert.equal((await project.plumb('materialize', 'profile', '--full', '--until', '2026-01-10T00:00:00Z')).code, 0);
  assert.equal((await statusOf(project)).get('profile')?.unread, null);
});
