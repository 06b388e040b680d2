// A process that dies anywhere and is started again ends where one that never died ends. The failpoints come from the
// source; one that no command reaches fails the test.
import assert from 'node:assert/strict';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { Random } from '../oracle/random.ts';
import { mustRun, plumb } from './plumb-process.ts';
import { type Answers, answersAt, checkManifests, datasetsOf, registeredVersion, statusOf } from './project-state.ts';
import {
  addSecondDay,
  addThirdDay,
  changeDefinitions,
  copyProject,
  makeProject,
  removeProject,
  T1,
  T2,
  T3,
} from './small-project.ts';

/** A command at a moment in the life of the project. */
interface Scene {
  readonly name: string;
  readonly args: readonly string[];
  /** From the scene before, which has run, to this one. */
  readonly prepare: (folder: string) => Promise<void>;
  /** When the answers of the scene are asked for; null before anything is online. */
  readonly at: string | null;
  /** Until when the store answered before this scene. */
  readonly formerAt: string | null;
  readonly servesFormerUntilSwitch: boolean;
}

const DATASET = [
  'dataset',
  'create',
  '--service',
  'ranking',
  '--labels',
  'labels.csv',
  '--name',
  'train',
  '--out',
  'out.jsonl',
];
const nothing = async (): Promise<void> => {};
const scene = (name: string, args: readonly string[], more: Partial<Scene> = {}): Scene => ({
  ...{ name, args, prepare: nothing, at: null, formerAt: null, servesFormerUntilSwitch: false },
  ...more,
});

/** The life of a project. Each scene starts where the one before ended. */
const LIFE: readonly Scene[] = [
  scene('first apply', ['apply']),
  scene('first dataset', DATASET),
  scene('first run, row view first', ['materialize', 'profile', 'recent', 'spending', '--until', T1], { at: T1 }),
  scene('second run, row view first', ['materialize', 'profile', 'recent', 'spending', '--until', T2], {
    prepare: addSecondDay,
    at: T2,
    formerAt: T1,
  }),
  scene('from snapshots', ['materialize', '--from-snapshot', '--until', T2], {
    at: T2,
    formerAt: T2,
    servesFormerUntilSwitch: true,
  }),
  scene('second dataset', DATASET, { at: T2, formerAt: T2, servesFormerUntilSwitch: true }),
  scene('full run, continuous view first', ['materialize', 'recent', 'profile', 'spending', '--until', T3, '--full'], {
    prepare: addThirdDay,
    at: T3,
    formerAt: T2,
    servesFormerUntilSwitch: true,
  }),
  scene('second apply', ['apply'], { prepare: changeDefinitions, at: T3, formerAt: T3, servesFormerUntilSwitch: true }),
  scene('run of a changed view', ['materialize', 'spending', 'profile', 'recent', '--until', T3], {
    at: T3,
    formerAt: T3,
    servesFormerUntilSwitch: true,
  }),
];

/** The second run with another view first: the failpoints hit the first view. */
const OTHER_ORDERS: readonly Scene[] = [
  scene('second run, scheduled view first', ['materialize', 'spending', 'profile', 'recent', '--until', T2], {
    at: T2,
    formerAt: T1,
  }),
  scene('second run, continuous view first', ['materialize', 'recent', 'spending', 'profile', '--until', T2], {
    at: T2,
    formerAt: T1,
  }),
];

interface Outcome {
  readonly version: number;
  readonly status: unknown;
  readonly answers: Answers | null;
  readonly trainingSet: string | null;
}

interface Played {
  readonly scene: Scene;
  /** The project before the scene, and what was seen before and after it. */
  readonly before: string;
  readonly formerAnswers: Answers | null;
  readonly outcome: Outcome;
  /** With how often each was reached. */
  readonly reached: ReadonlyMap<string, number>;
}

async function outcomeOf(folder: string, { at, args }: Scene): Promise<Outcome> {
  return {
    version: await registeredVersion(folder),
    status: at === null ? null : await statusOf(folder),
    answers: at === null ? null : await answersAt(folder, at),
    trainingSet: args[0] === 'dataset' ? await readFile(join(folder, 'out.jsonl'), 'utf8') : null,
  };
}

const made: string[] = [];

/** The scenes one after the other, never killed; each leaves a copy of the project as it was before. */
async function play(scenes: readonly Scene[], start: string): Promise<readonly Played[]> {
  const folder = await copyProject(start);
  made.push(folder);
  const played: Played[] = [];
  for (const current of scenes) {
    await current.prepare(folder);
    await rm(join(folder, 'out.jsonl'), { force: true });
    const before = await copyProject(folder);
    made.push(before);
    const log = join(await mkdtemp(join(tmpdir(), 'plumb-failpoints-')), 'log');
    await mustRun(folder, current.args, { env: { PLUMB_FAILPOINT_LOG: log } });
    const reached = counted((await readFile(log, 'utf8')).trim().split('\n'));
    await rm(join(log, '..'), { recursive: true });
    const formerAnswers = current.formerAt === null ? null : await answersAt(before, current.formerAt);
    played.push({ scene: current, before, formerAnswers, outcome: await outcomeOf(folder, current), reached });
  }
  return played;
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

async function failpointsInSource(): Promise<ReadonlySet<string>> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const names = new Set<string>();
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue;
    const calls = (await readFile(join(root, file), 'utf8')).matchAll(/\bfailpoint\('([^']+)'\)/g);
    // Those of `gc` are met by test/long/gc-crash.test.ts.
    for (const [, name = ''] of calls) if (!name.startsWith('gc.')) names.add(name);
  }
  return names;
}

/** Right after a kill: nothing half-written is served. A former value, or TOO_EARLY where the store is ahead. */
async function checkBetween({ scene, formerAnswers }: Played, folder: string, failpoint: string): Promise<void> {
  await checkManifests(folder);
  if (scene.formerAt === null || formerAnswers === null) return;
  const answers = await answersAt(folder, scene.formerAt);
  const isSwitched =
    failpoint === 'materialize.published' || failpoint.includes('put') || failpoint.endsWith('reported');
  if (scene.servesFormerUntilSwitch && !(isSwitched && scene.at !== scene.formerAt)) {
    assert.ok(isDeepStrictEqual(answers, formerAnswers), `${failpoint}: the former generation is not served as it was`);
    return;
  }
  for (const [user, statuses] of (answers?.statuses ?? []).entries()) {
    for (const [i, status] of statuses.entries()) {
      if (status === 'TOO_EARLY') continue;
      const now: readonly unknown[] = [answers?.rows[user]?.[i], status];
      const former: readonly unknown[] = [formerAnswers.rows[user]?.[i], formerAnswers.statuses[user]?.[i]];
      assert.deepEqual(now, former, `${failpoint}: user ${user}, feature ${i} at ${scene.formerAt}`);
    }
  }
}

async function checkRecovered(played: Played, folder: string): Promise<void> {
  const outcome = await outcomeOf(folder, played.scene);
  assert.deepEqual(
    { ...outcome, answers: null, trainingSet: null },
    { ...played.outcome, answers: null, trainingSet: null },
  );
  assert.ok(
    isDeepStrictEqual(outcome.answers, played.outcome.answers),
    'other answers than of a run that was never killed',
  );
  assert.ok(outcome.trainingSet === played.outcome.trainingSet, 'another training set');
  await checkManifests(folder);
  const doctor = await plumb(folder, ['doctor']);
  assert.equal(doctor.code, 0, doctor.out);
}

async function dieAt(played: Played, failpoint: string, times: number): Promise<void> {
  const folder = await copyProject(played.before);
  try {
    const killed = await plumb(folder, played.scene.args, { env: { PLUMB_FAILPOINT: `${failpoint}:${times}` } });
    assert.equal(killed.signal, 'SIGKILL', killed.err);
    await checkBetween(played, folder, failpoint);
    // What was committed before the kill needs no second time: another dataset is made, the registry is as it should be.
    await mustRun(folder, played.scene.args);
    await checkRecovered(played, folder);
    if (played.scene.args[0] === 'dataset') await checkDatasets(folder, played, failpoint);
  } finally {
    await removeProject(folder);
  }
}

/**
 * Objects are created in a fixed order: a lease, then a version, a dataset's manifest, or a run's beginning and its
 * manifest; it dies at the last of the first view. How often one is put depends on the time.
 */
const timeToDie = (failpoint: string, times: number): number =>
  failpoint.startsWith('object.create') ? Math.min(times, 3) : 1;

/** The killed command made a whole version or none. */
async function checkDatasets(folder: string, { before }: Played, failpoint: string): Promise<void> {
  const isCommitted = ['object.create.after_link', 'dataset.after_manifest'].includes(failpoint);
  const [now, then] = [await datasetsOf(folder), await datasetsOf(before)];
  assert.equal(now.length, then.length + 1 + Number(isCommitted), now.join());
}

/** In tests of their own: test/long/e2e/workers.test.ts, backup.test.ts, explain-over-http.test.ts and erasure-crash.test.ts. */
const KILLED_ELSEWHERE =
  /^(serve-worker\.start|backup\.before_manifest|restore\.object|explain\.begin|erasure\..*|lake\..*|stream\..*)$/;

describe('crashes', { concurrency: 2 }, async () => {
  const start = await makeProject();
  made.push(start);
  const played = [...(await play(LIFE, start))];
  const secondRun = played.find(({ scene }) => scene.prepare === addSecondDay) as Played;
  for (const other of OTHER_ORDERS) played.push(...(await play([other], secondRun.before)));
  after(async () => {
    for (const folder of made) await removeProject(folder);
  });

  test('every failpoint in the source is reached by some command here', async () => {
    const reached = new Set(played.flatMap((one) => [...one.reached.keys()]));
    const expected = [...(await failpointsInSource())].filter((failpoint) => !KILLED_ELSEWHERE.test(failpoint));
    assert.deepEqual([...reached].toSorted(), expected.toSorted());
  });

  for (const one of played) {
    for (const [failpoint, times] of one.reached) {
      const at = timeToDie(failpoint, times);
      test(`${one.scene.name}, killed at ${failpoint}:${at}, then run again`, () => dieAt(one, failpoint, at));
    }
  }

  const seed = Number(process.env.PLUMB_SEED ?? 1);
  for (const one of played.filter(({ scene }) => scene.args[0] === 'materialize')) {
    test(`${one.scene.name}, killed at random times (seed ${seed})`, async () => {
      const random = new Random(seed);
      const folder = await copyProject(one.before);
      try {
        for (let kills = 0; kills < 3; kills++) {
          await plumb(folder, one.scene.args, { killAfterMillis: 200 + random.int(0, 1200) });
          await checkManifests(folder);
        }
        await mustRun(folder, one.scene.args);
        await checkRecovered(one, folder);
      } finally {
        await removeProject(folder);
      }
    });
  }
});
