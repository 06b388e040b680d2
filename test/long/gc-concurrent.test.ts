// Collections beside materializations and dataset builds, in processes of their own, with a grace period that is shorter
// than all of them: the leases alone keep what is in use.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { LABELS, SHOP, UNTIL } from '../e2e/shop.ts';
import { mustRun, plumb } from './plumb-process.ts';
import { checkManifests } from './project-state.ts';

const ROUNDS = 4;
/** How often a run may come while its view is being collected, before that is no accident. */
const MOST_REFUSED = 40;
const LONGEST_MILLIS = 120_000;
const PROJECT = `project: shop
online: { kind: lmdb }
engine: { kind: duckdb, threads: 1 }
retention: { grace: 1s, snapshots: { keep: 1, maxAge: 1s }, datasets: { keep: 1 }, jobs: { maxAge: 1s } }
`;
const killAfterMillis = LONGEST_MILLIS;

test('nothing that is being written or read is removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-gc-beside-'));
  after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries({ ...SHOP, 'plumb.yaml': PROJECT, 'labels.csv': LABELS })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await mustRun(folder, ['apply'], { killAfterMillis });
  await mustRun(folder, ['materialize', '--until', UNTIL], { killAfterMillis });
  const answers = async (): Promise<unknown> => {
    const entities = ['--entity', '{"user_id":1}', '{"user_id":2}'];
    const at = ['--at', UNTIL, '--json'];
    const { out } = await mustRun(folder, ['get', '--service', 'ranking', ...entities, ...at], { killAfterMillis });
    return JSON.parse(out).rows;
  };
  const expected = await answers();

  let isOver = false;
  let collections = 0;
  let refusedRuns = 0;
  const collect = async (): Promise<void> => {
    for (; !isOver; collections += 1) await mustRun(folder, ['gc'], { killAfterMillis });
  };
  const materialize = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS + refusedRuns && refusedRuns < MOST_REFUSED; round += 1) {
      const mode = [[], ['--full'], ['--from-snapshot']][round % 3] as string[];
      const { code, out, err } = await plumb(folder, ['materialize', '--until', UNTIL, ...mode], { killAfterMillis });
      // It may be told that the view is being collected, and then says so; nothing else may go wrong.
      if (code !== 0) assert.match(`${out}${err}`, /has been collecting garbage of/);
      if (code !== 0) refusedRuns += 1;
      assert.deepEqual(await answers(), expected, `round ${round}`);
    }
  };
  const build = async (): Promise<void> => {
    const create = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train'];
    for (let round = 0; round < ROUNDS; round += 1) await mustRun(folder, create, { killAfterMillis });
  };
  const collecting = collect();
  try {
    await Promise.all([materialize(), build()]);
  } finally {
    isOver = true;
    await collecting;
  }
  assert.ok(collections >= 2, `${collections} collections`);
  assert.ok(refusedRuns < MOST_REFUSED, `${refusedRuns} runs were refused`);
  await checkManifests(folder);
  assert.deepEqual(await answers(), expected);
  await rm(join(folder, '.plumb/online'), { recursive: true });
  await mustRun(folder, ['materialize', '--from-snapshot'], { killAfterMillis });
  assert.deepEqual(await answers(), expected);
});
