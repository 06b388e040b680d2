// Online answers of random worlds: after each materialization, after the same one again, after a rebuild from snapshots
// and after a full one. In between, the stored rows are held against the Parquet parts that claim to be the same.

import { servableViews } from '../../src/catalog/look-up.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { compareOnline } from '../oracle/compare.ts';
import { expectedOnline, type Online } from '../oracle/naive-evaluator.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import { readValue, sameValue } from '../oracle/values.ts';
import { itemAt, type OnlineStep, type World } from '../oracle/world.ts';
import { type OnlineOptions, OnlineProject, type SnapshotRow } from './plumb-online.ts';
import type { Trial } from './worlds.ts';

export const onlineTrial: Trial = {
  name: 'online',
  world: (seed) => randomWorld(seed, { level: 2, maxViews: 3, bytes: seed % 7 === 0, labels: seed % 3 === 0 }),
  mismatch: (world) =>
    onlineMismatch(world, {
      store: (['lmdb', 'memory', 'redis'] as const)[world.seed % 3] ?? 'memory',
      format: world.seed % 2 === 0 ? 'parquet' : 'jsonl',
      repeats: world.seed % 4 === 0,
      goesOnFromSnapshot: world.seed % 5 === 0,
    }),
};

/** Worlds with continuous aggregates; every other one has the rows of all but the smallest keys folded. */
export const continuousTrial: Trial = {
  name: 'continuous',
  world: continuousWorld,
  mismatch: (world) =>
    onlineMismatch(world, {
      store: (['lmdb', 'memory', 'redis'] as const)[world.seed % 3] ?? 'memory',
      format: world.seed % 4 < 2 ? 'parquet' : 'jsonl',
      repeats: world.seed % 5 === 0,
      goesOnFromSnapshot: world.seed % 7 === 0,
      ...(world.seed % 2 === 0 ? {} : { mostRows: world.seed % 4 }),
    }),
};

/** Of the first seed, in steps from this one on, whose world has such a view. */
function continuousWorld(seed: number): RandomWorld {
  const world = randomWorld(seed, { level: 2, maxViews: 3, bytes: seed % 7 === 0 });
  return world.level === 2 ? world : continuousWorld(seed + 1_000_003);
}

interface TrialOptions extends OnlineOptions {
  /** Every run is done twice. */
  readonly repeats: boolean;
  /** Every run is followed by a rebuild from snapshots, which later runs build on; else it is tried once, at the end. */
  readonly goesOnFromSnapshot: boolean;
  /** Nothing but the answers after incremental runs. */
  readonly answersOnly?: boolean;
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
    if (options.answersOnly === true) return undefined;
    return await afterwards(project, steps, expected);
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
  { repeats, goesOnFromSnapshot, answersOnly = false }: TrialOptions,
): Promise<string | undefined> {
  const isRun = former === undefined || step.append !== undefined || step.until !== former.until;
  if (!isRun) return named('lookup', await answersMismatch(project, step, want));
  await project.append(step.append);
  for (const mode of ['incremental', ...(repeats ? REPEATED : []), ...(goesOnFromSnapshot ? REBUILT : [])] as const) {
    await project.materialize(step.until, mode);
    const mismatch =
      (await answersMismatch(project, step, want)) ?? (answersOnly ? undefined : await storeMismatch(project));
    if (mismatch !== undefined) return `after a run, ${mode}: ${mismatch}`;
  }
  return undefined;
}

const REPEATED = ['incremental'] as const;
const REBUILT = ['from_snapshot'] as const;

/** An empty store that is filled from the snapshots alone, and a new generation from all rows. */
async function afterwards(project: OnlineProject, steps: readonly OnlineStep[], expected: readonly Online[]) {
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const want = itemAt(expected, steps.length - 1);
  const empty = new MemoryOnlineStore();
  await project.materialize(last.until, 'from_snapshot', empty);
  const rebuilt = compareOnline(want, await project.lookup(last, empty));
  if (rebuilt !== undefined) return `in a store filled from snapshots: ${rebuilt}`;
  await project.materialize(last.until, 'full');
  return named('after a full run', (await answersMismatch(project, last, want)) ?? (await storeMismatch(project)));
}

const answersMismatch = async (project: OnlineProject, step: OnlineStep, want: Online): Promise<string | undefined> =>
  compareOnline(want, await project.lookup(step));

/** Every key of the snapshots has online the row that they hold, or none where they removed it. */
async function storeMismatch(project: OnlineProject): Promise<string | undefined> {
  for (const view of servableViews(project.catalog)) {
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
  const isSameState = (a.isDeleted ?? false) === (b.isDeleted ?? false);
  // The snapshot keeps what an INVALID feature read, which orders rows; the store does not.
  const value = (row: SnapshotRow, i: number) => (isInvalid(row, i) ? null : readValue(types[i] ?? '', row.values[i]));
  if (a.entry !== undefined || b.entry !== undefined) return isSameTime && a.entry === b.entry;
  return (
    isSameTime &&
    isSameState &&
    types.every((_, i) => isInvalid(a, i) === isInvalid(b, i) && sameValue(value(a, i), value(b, i)))
  );
}

const isInvalid = (row: SnapshotRow, i: number): boolean => row.invalid?.[i] === true;

const named = (where: string, mismatch: string | undefined): string | undefined =>
  mismatch === undefined ? undefined : `${where}: ${mismatch}`;

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing';
