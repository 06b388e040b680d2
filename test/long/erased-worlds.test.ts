// Random worlds with erasures: training sets, keys of views and online answers are as if the erased rows had never been, whether the
// keys were erased before the first run or after it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../schemas/types.ts';
import type { FeatureView } from '../../src/catalog/catalog.ts';
import type { Erasure } from '../../src/catalog/erasure.ts';
import { keyText, placesOf } from '../../src/catalog/erasures.ts';
import { servableViews } from '../../src/catalog/look-up.ts';
import { compareOnline, compareTraining } from '../oracle/compare.ts';
import { expectedKeys, expectedOnline, expectedTraining } from '../oracle/naive-evaluator.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import { itemAt, named } from '../oracle/world.ts';
import { erasuresOf, withoutErased } from '../property/erased-worlds.ts';
import { OnlineProject, type SnapshotRow } from '../property/plumb-online.ts';
import { chosenWorlds, type Trial, tryWorlds } from '../property/worlds.ts';

let erased = 0;
let held = 0;

const optionsOf = ({ seed }: RandomWorld) => ({
  store: (['lmdb', 'memory', 'redis'] as const)[seed % 3] ?? 'memory',
  format: seed % 2 === 0 ? ('parquet' as const) : ('jsonl' as const),
});

const DAY = 86_400_000_000n;

async function trainingMismatch(project: OnlineProject, want: RandomWorld): Promise<string | undefined> {
  const expected = expectedTraining(want);
  try {
    const { columns } = expected;
    const found = compareTraining(expected, { columns, rows: [...(await project.training(columns))] as never });
    return found === undefined ? undefined : `training: ${found}`;
  } catch (error) {
    const isInvalid = error instanceof Error && 'code' in error && error.code === 'INVALID_VALUE';
    return expected.error !== undefined && isInvalid ? undefined : `training failed: ${String(error)}`;
  }
}

async function keysMismatch(project: OnlineProject, want: RandomWorld): Promise<string | undefined> {
  for (const view of project.catalog.views.values()) {
    if (view.kind === 'label') continue;
    const fromMicros = BigInt(Date.parse('2026-01-05T00:00:00Z')) * 1000n;
    const instants = [0n, 1n, 2n].map((step) => fromMicros + step * DAY);
    const got = await project.keys(view, { fromMicros, toMicros: fromMicros + 3n * DAY, everyMicros: DAY });
    const keys = expectedKeys(want, named(want.definitions.featureViews, view.name), instants);
    const rows = keys.flatMap((some, i) => some.map((key) => [instants[i], ...key].map(String).join(' ')));
    if (got.toSorted().join('\n') !== rows.toSorted().join('\n'))
      return `keys of ${view.name}: found ${got.join('; ')}, expected ${rows.join('; ')}`;
  }
  return undefined;
}

async function onlineMismatch(project: OnlineProject, want: RandomWorld): Promise<string | undefined> {
  const expected = expectedOnline(want);
  for (const [i, step] of (project.world.online ?? []).entries()) {
    await project.append(step.append);
    await project.materialize(step.until, 'incremental');
    const mismatch = compareOnline(itemAt(expected, i), await project.lookup(step));
    if (mismatch !== undefined) return `online, step ${i}: ${mismatch}`;
  }
  return undefined;
}

const recordedBefore: Trial = {
  name: 'erased before the first run',
  world: (seed) => randomWorld(seed, { level: 2, maxViews: 3, labels: seed % 3 === 0 }),
  async mismatch(world) {
    const erasures = erasuresOf(world as RandomWorld);
    erased += erasures.length;
    const want = withoutErased(world as RandomWorld, erasures);
    await using project = await OnlineProject.create(world, { ...optionsOf(world), erasures });
    return (
      (await trainingMismatch(project, want)) ??
      (await keysMismatch(project, want)) ??
      (await onlineMismatch(project, want))
    );
  },
};

/** Erases, and says what snapshots and store still have of the keys that they had. */
async function leftOver(project: OnlineProject, erasures: readonly Erasure[]): Promise<string | undefined> {
  const views = servableViews(project.catalog);
  const before = await Promise.all(views.map(async (view) => [...(await project.snapshotRows(view)).values()]));
  for (const erasure of erasures) await project.erase(erasure);
  for (const [i, view] of views.entries()) {
    const snapshot = [...(await project.snapshotRows(view)).values()];
    for (const erasure of erasures.filter(({ entity }) => view.entities.includes(entity))) {
      const names = namesKey(project, view, erasure);
      const isOver = (row: SnapshotRow | null): boolean =>
        row !== null &&
        (view.kind === 'aggregate' || row.eventMicros === null || row.eventMicros < erasure.beforeMicros);
      const keys = (before[i] ?? []).filter(({ key, row }) => names(key) && isOver(row)).map(({ key }) => key);
      held += keys.length;
      if (snapshot.some(({ key, row }) => names(key) && (row === null || isOver(row))))
        return `a snapshot of ${view.name} holds an erased key`;
      const stored = await project.storedRows(view, keys);
      if (stored.some(isOver)) return `the store holds an erased key of ${view.name}`;
    }
  }
  return undefined;
}

function namesKey({ catalog }: OnlineProject, view: FeatureView, { entity, keys }: Erasure) {
  const places = placesOf(catalog.entities, view, entity);
  return (key: readonly Value[]): boolean =>
    keys.some((one) => one.every((text, i) => text === keyText(key[places[i] ?? 0] ?? null)));
}

/** What is in the storage and in the store was computed with the rows; then they are erased, and the runs go on. */
const erasedAfterwards: Trial = {
  name: 'erased after the last run',
  world: (seed) => randomWorld(seed, { level: 2, maxViews: 3 }),
  async mismatch(world) {
    const erasures = erasuresOf(world as RandomWorld).map((erasure) => ({ ...erasure, isPending: false }));
    const want = withoutErased(world as RandomWorld, erasures);
    await using project = await OnlineProject.create(world, optionsOf(world));
    const steps = world.online ?? [];
    for (const step of steps) {
      await project.append(step.append);
      await project.materialize(step.until, 'incremental');
    }
    const left = await leftOver(project, erasures);
    if (left !== undefined) return left;
    project.catalog = { ...project.catalog, erasures };
    const last = steps.at(-1);
    if (last === undefined) return undefined;
    const expected = itemAt(expectedOnline(want), steps.length - 1);
    for (const mode of ['from_snapshot', 'incremental', 'full'] as const) {
      await project.materialize(last.until, mode);
      // An aggregate over rows of before and after an erasure leaves the snapshots as a whole, until the next run.
      const isExact = mode !== 'from_snapshot' || world.definitions.featureViews.every(({ kind }) => kind === 'row');
      const mismatch = isExact ? compareOnline(expected, await project.lookup(last)) : undefined;
      if (mismatch !== undefined) return `after ${mode}: ${mismatch}`;
    }
    return undefined;
  },
};

test('erased rows count nowhere: training sets, keys of views, online answers', async (t) => {
  const { first, count } = chosenWorlds(2);
  await tryWorlds(recordedBefore, first, count);
  t.diagnostic(`${count} worlds from seed ${first}, ${erased} erasures`);
  assert.ok(erased > 0, 'no world has an erasure');
});

test('what was computed before an erasure is afterwards as if the rows had never been', async (t) => {
  const { first, count } = chosenWorlds(4);
  await tryWorlds(erasedAfterwards, first, count);
  t.diagnostic(`${count} worlds from seed ${first}, ${held} rows of erased keys`);
  assert.ok(held > 0, 'no world had a row to be erased');
});
