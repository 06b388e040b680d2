// Commands at the same time, as real processes on one project.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Ended, mustRun, plumb } from './plumb-process.ts';
import { answersAt, checkManifests, datasetsOf, registeredVersion, statusOf } from './project-state.ts';
import {
  addSecondDay,
  changeDefinitions,
  copyProject,
  makeProject,
  removeProject,
  T1,
  T2,
  VIEWS,
} from './small-project.ts';

const ROUNDS = 4;

async function inProject(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await makeProject();
  try {
    await work(folder);
  } finally {
    await removeProject(folder);
  }
}

const together = (folder: string, ...commands: readonly (readonly string[])[]): Promise<readonly Ended[]> =>
  Promise.all(commands.map((args) => plumb(folder, args)));

interface ViewRun {
  readonly view: string;
  readonly outcome: string;
  readonly notice: string | null;
}

const isOf = (view: string, outcome: string) => (run: ViewRun) => run.view === view && run.outcome === outcome;

const said = ({ out, err }: Ended): string => `${out}\n${err}`;

describe('at the same time', () => {
  test('of two applies both see the same version; a loser is told to try again', async (t) => {
    const codes: (number | null)[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await inProject(async (folder) => {
        const ended = await together(folder, ['apply', '--json'], ['apply', '--json']);
        codes.push(ended.map(({ code }) => code));
        assert.ok(ended.some(({ code }) => code === 0));
        for (const one of ended) {
          if (one.code === 0) continue;
          assert.deepEqual([one.code, /"CONFLICT"/.test(one.out)], [1, true], said(one));
        }
        assert.equal(await registeredVersion(folder), 1);
        await changeDefinitions(folder);
        await together(folder, ['apply'], ['apply'], ['apply']);
        assert.equal(await registeredVersion(folder), 2);
      });
    }
    t.diagnostic(`exit codes ${JSON.stringify(codes)}`);
  });

  test('two materializations of a view: the store ends as after one', async (t) => {
    const codes: (number | null)[][] = [];
    await inProject(async (start) => {
      await mustRun(start, ['apply']);
      await mustRun(start, ['materialize', '--until', T1]);
      await addSecondDay(start);
      const twin = await copyProject(start);
      await mustRun(twin, ['materialize', '--until', T2]);
      const [expected, status] = [await answersAt(twin, T2), await statusOf(twin)];
      await removeProject(twin);
      for (const mode of [[], [], ['--full'], ['--from-snapshot']]) {
        const folder = await copyProject(start);
        const command = ['materialize', '--until', T2, '--json'];
        const ended = await together(folder, command, [...command, ...mode]);
        codes.push(ended.map(({ code }) => code));
        const runs = ended.flatMap(({ out }) => (JSON.parse(out) as { readonly runs: readonly ViewRun[] }).runs);
        for (const view of VIEWS) {
          const [won, lost] = [runs.filter(isOf(view, 'succeeded')), runs.filter(isOf(view, 'failed'))];
          assert.ok(won.length >= 1 && won.length + lost.length === 2, ended.map(said).join('\n'));
          for (const { notice } of lost) assert.match(notice ?? '', /newer run|try again/);
        }
        await checkManifests(folder);
        await mustRun(folder, command);
        assert.deepEqual(await statusOf(folder), status);
        assert.ok(
          isDeepStrictEqual(await answersAt(folder, T2), expected),
          `other answers, ${mode.join() || 'incremental'}`,
        );
        await removeProject(folder);
      }
    });
    t.diagnostic(`exit codes ${JSON.stringify(codes)}`);
  });

  test('datasets of one name get different versions', () =>
    inProject(async (folder) => {
      await mustRun(folder, ['apply']);
      const create = [
        'dataset',
        'create',
        '--service',
        'ranking',
        '--labels',
        'labels.csv',
        '--name',
        'train',
        '--json',
      ];
      const ended = await together(folder, create, create, create);
      for (const one of ended) assert.equal(one.code, 0, said(one));
      const versions = ended.map(({ out }) => (JSON.parse(out) as { readonly version: number }).version);
      assert.deepEqual(versions.toSorted(), [1, 2, 3]);
      assert.equal((await datasetsOf(folder)).length, 3);
    }));
});
