// An erasure that is killed at each of its steps: what it began is finished by the next collection, with the numbers of one that
// was not cut off.
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ERASURE_SHOP } from '../e2e/erasure-shop.ts';
import { type Document, plumb, startPaused, tempProject } from '../e2e/project.ts';
import { UNTIL } from '../e2e/shop.ts';
import { partsNaming } from '../e2e/stored-parts.ts';

const FORGET = ['forget', 'user', '--key', '{"user_id": 1}'];
const STEPS = [
  ...['erasure.recorded', 'erasure.counted', 'erasure.online_removed', 'erasure.fenced', 'erasure.part_written'],
  ...['erasure.part_written:3', 'erasure.before_manifest', 'erasure.manifest_replaced', 'erasure.parts_removed'],
  ...['erasure.view_done', 'erasure.dataset_done', 'erasure.report_redacted', 'erasure.before_report'],
];

const shop = await tempProject(ERASURE_SHOP);
for (const args of [
  ['apply'],
  ['materialize', '--until', '2026-01-07T12:00:00Z'],
  ['materialize', '--until', UNTIL],
  ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv'],
]) {
  const { code, err } = await shop.plumb(...args);
  assert.equal(code, 0, err);
}
const example = { feature: 'profile:points', entity: { user_id: 1 }, at: UNTIL, training: 1, serving: 2 };
const other = { ...example, entity: { user_id: 2 } };
await shop.write('.plumb/reports/00000001.json', JSON.stringify({ id: '00000001', examples: [example, other] }));

/** A copy, since each step needs what there was before. */
async function copied(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-erasure-'));
  after(() => rm(folder, { recursive: true, force: true }));
  await cp(shop.folder, folder, { recursive: true });
  return folder;
}

const jsonOf = async (folder: string, ...args: readonly string[]): Promise<Document> => {
  const { code, out, err } = await plumb(folder, [...args, '--json']);
  assert.equal(code, 0, out + err);
  return JSON.parse(out) as Document;
};

const numbersOf = ({ views, datasets, reports, sources }: Document) => ({ views, datasets, reports, sources });
const whole = numbersOf(await jsonOf(await copied(), ...FORGET));

test('an erasure that is not cut off counts what each kind of object holds', () => {
  assert.deepEqual(whole.reports, { reports: 1, examples: 1 });
  assert.equal((whole.datasets as readonly unknown[]).length, 1);
});

for (const step of STEPS)
  test(`an erasure that is killed at ${step} is finished by gc, with the same numbers`, async () => {
    const folder = await copied();
    const paused = await startPaused(folder, step, FORGET);
    await paused.kill();
    await jsonOf(folder, 'gc');
    assert.deepEqual(await partsNaming(folder, 1n), []);
    const { rows } = await jsonOf(folder, 'get', '--service', 'ranking', '--entity', '{"user_id":1}', '--at', UNTIL);
    assert.deepEqual(rows, [[null, null, 0, null]]);
    const report = await lastReport(folder);
    assert.deepEqual(numbersOf(report), whole);
  });

async function lastReport(folder: string): Promise<Document> {
  const { readdir, readFile } = await import('node:fs/promises');
  const [id = ''] = await readdir(join(folder, '.plumb', 'erasures'));
  return JSON.parse(await readFile(join(folder, '.plumb', 'erasures', id, 'report.json'), 'utf8')) as Document;
}
