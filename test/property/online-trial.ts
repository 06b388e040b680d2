// Online answers of random worlds: after each materialization, after the same one again, after a rebuild from snapshots
// and after a full one. In between, the stored rows are held against the Parquet parts that claim to be the same.
import { compareOnline } from '../oracle/compare.ts';
import { expectedOnline, type Online } from '../oracle/naive-evaluator.ts';
import { randomWorld } from '../oracle/random-worlds.ts';
import { readValue, sameValue } from '../oracle/values.ts';
import { itemAt, type OnlineStep, type World } from '../oracle/world.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { type OnlineOptions, OnlineProject, type SnapshotRow } from './plumb-online.ts';
import type { Trial } from './worlds.ts';

export const onlineTrial: Trial = {
  name: 'online',
  world: (seed) => randomWorld(seed, { level: 1, bytes: seed % 7 === 0 }),
  mismatch: (world) =>
    onlineMismatch(world, {
      store: world.seed % 2 === 0 ? 'lmdb' : 'memory',
      format: world.seed % 3 === 0 ? 'parquet' : 'jsonl',
      goesOnFromSnapshot: world.seed % 5 === 0,
    }),
};

interface TrialOptions extends OnlineOptions {
  /** Later runs build on the rebuilt store. */
  readonly goesOnFromSnapshot: boolean;
}

export async function onlineMismatch(world: World, options: TrialOptions): Promise<string | undefined> {
  const expected = expectedOnline(world);
  try {
    await using project = await OnlineProject.create(world, options);
    const steps = world.online ?? [];
    for (const [i, step] of steps.entries()) {
      const mismatch = await stepMismatch(project, step, steps[i - 1], itemAt(expected, i), options);
      if (mismatch !== undefined) return `online step ${i}, ${mismatch}`;
    }
    const last = steps.at(-1);
    return last === undefined ? undefined : await afterFullRun(project, last, itemAt(expected, steps.length - 1));
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** As the runner of the conformance cases: a step materializes where it appends or moves `until`. */
async function stepMismatch(
  project: OnlineProject,
  step: OnlineStep,
  former: OnlineStep | undefined,
  want: Online,
  options: TrialOptions,
): Promise<string | undefined> {
  const isRun = former === undefined || step.append !== undefined || step.until !== former.until;
  if (!isRun) return named('lookup', await answersMismatch(project, step, want));
  await project.append(step.append);
  await project.materialize(step.until, 'incremental');
  const first = await answersMismatch(project, step, want);
  if (first !== undefined) return `after an incremental run: ${first}`;
  const stored = await storeMismatch(project);
  if (stored !== undefined) return `after an incremental run: ${stored}`;
  await project.materialize(step.until, 'incremental');
  return (
    named('after the same run again', (await answersMismatch(project, step, want)) ?? (await storeMismatch(project))) ??
    named('from snapshots', await snapshotMismatch(project, step, want, options))
  );
}

async function snapshotMismatch(project: OnlineProject, step: OnlineStep, want: Online, options: TrialOptions) {
  if (options.goesOnFromSnapshot) {
    await project.materialize(step.until, 'from_snapshot');
    return (await answersMismatch(project, step, want)) ?? (await storeMismatch(project));
  }
  const empty = new MemoryOnlineStore();
  await project.materialize(step.until, 'from_snapshot', empty);
  return compareOnline(want, await project.lookup(step, empty));
}

async function afterFullRun(project: OnlineProject, step: OnlineStep, want: Online): Promise<string | undefined> {
  await project.materialize(step.until, 'full');
  return named('after a full run', (await answersMismatch(project, step, want)) ?? (await storeMismatch(project)));
}

const answersMismatch = async (project: OnlineProject, step: OnlineStep, want: Online): Promise<string | undefined> =>
  compareOnline(want, await project.lookup(step));

/** Every key of the snapshots has online the row that they hold, or none where they removed it. */
async function storeMismatch(project: OnlineProject): Promise<string | undefined> {
  for (const view of project.catalog.views.values()) {
    const snapshot = [...(await project.snapshotRows(view)).values()];
    const stored = await project.storedRows(
      view,
      snapshot.map(({ key }) => key),
    );
    const types = view.features.map(({ type }) => type);
    const at = snapshot.findIndex(({ row }, i) => !isSameRow(types, row, stored[i] ?? null));
    if (at >= 0) return `${view.name} stores ${show(stored[at])}, its snapshot says ${show(snapshot[at])}`;
  }
  return undefined;
}

function isSameRow(types: readonly string[], a: SnapshotRow | null, b: SnapshotRow | null): boolean {
  if (a === null || b === null) return a === b;
  const isSameTime = a.eventMicros === b.eventMicros && a.createdMicros === b.createdMicros;
  const value = (row: SnapshotRow, i: number) => readValue(types[i] ?? '', row.values[i]);
  return isSameTime && types.every((_, i) => isInvalid(a, i) === isInvalid(b, i) && sameValue(value(a, i), value(b, i)));
}

const isInvalid = (row: SnapshotRow, i: number): boolean => row.invalid?.[i] === true;

const named = (where: string, mismatch: string | undefined): string | undefined =>
  mismatch === undefined ? undefined : `${where}: ${mismatch}`;

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing';
