// A materialization of two generations of a view that dies anywhere, before the switch, between the two runs or in the second
// one: what was learned is answered exactly, or not at all, and the same command started again ends as one that never died.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startPaused, type TempProject, tempProject } from '../e2e/project.ts';
import { CLICKS, DEFINITIONS, SHOP, UNTIL } from '../e2e/shop.ts';

const WIDER = DEFINITIONS.replace('column: price, window: 1d', 'column: price, window: 7d');
const LATER = '2026-01-08T06:00:00Z';
const RUN = ['materialize', 'spending', '--until', LATER];
/** The first is of the present definition, the second of the former one. */
const PLACES = [
  ...['computed', 'before_manifest', 'manifest_written', 'claimed', 'before_rows', 'batch_written', 'rows_written'],
  ...['before_switch', 'published', 'reported'],
].flatMap((place) => [`materialize.${place}:1`, `materialize.${place}:2`]);

/** Bound, changed, with a new click, and not run since. */
const start = await tempProject(SHOP);
const steps = [
  ['apply'],
  ['materialize', '--until', UNTIL],
  ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'churn'],
  ['dataset', 'bind', 'churn@1'],
];
for (const args of steps) await ok(start, ...args);
await start.write('features/shop.yaml', WIDER);
await start.write('data/clicks.jsonl', `${CLICKS}{"user_id":2,"ts":"2026-01-08T05:00:00Z","price":10}\n`);
await ok(start, 'apply');

async function ok(project: TempProject, ...args: readonly string[]): Promise<void> {
  const { code, out, err } = await project.plumb(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
}

/** A value, or the status or the code that says why there is none. */
async function spend(project: TempProject, kind: string, name: string, at: string): Promise<unknown> {
  const asked = ['get', kind, name, '--entity', '{"user_id":2}', '--at', at];
  const { document } = await project.json(...asked);
  if (document.error !== undefined) return document.error.code;
  const [row, statuses] = [document.rows, document.statuses].map((all) => (all as readonly unknown[][])[0] ?? []);
  return statuses?.[3] === 'TOO_EARLY' ? 'TOO_EARLY' : row?.[3];
}

for (const place of PLACES)
  test(`a run that dies at ${place}`, async () => {
    const project = await tempProject({});
    await cp(start.folder, project.folder, { recursive: true });
    await (await startPaused(project.folder, place, RUN)).kill();
    // The former meaning: nothing in the last day at the first instant, 10 at the second one; the present one adds 4.
    const early = await spend(project, '--dataset', 'churn@1', UNTIL);
    assert.ok(early === null || early === 'TOO_EARLY', `found ${String(early)}`);
    const late = await spend(project, '--dataset', 'churn@1', LATER);
    assert.ok(late === 10 || late === null, `found ${String(late)}`);
    await ok(project, ...RUN);
    assert.deepEqual(
      [await spend(project, '--dataset', 'churn@1', LATER), await spend(project, '--service', 'ranking', LATER)],
      [10, 14],
      join(project.folder, place),
    );
    const { document } = await project.json('status');
    assert.deepEqual(
      (document.views as readonly { view: string; watermark: string }[])
        .filter(({ view }) => view === 'spending')
        .map(({ watermark }) => watermark),
      [LATER, LATER],
    );
  });
