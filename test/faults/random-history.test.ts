import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstant } from '../oracle/instants.ts';
import { failpointsInSource } from './failpoints.ts';
import { isReadAfter } from './fault-world.ts';
import { actionsOf, type Command, type History } from './history.ts';
import { sourcesOf } from './project-file.ts';
import { randomHistory } from './random-history.ts';
import { shrink } from './shrink.ts';

const failpoints = await failpointsInSource();
const historyOf = (seed: number): History =>
  randomHistory(seed, { failpoints, online: null, storage: 'file', disk: true });
const HISTORIES = Array.from({ length: 60 }, (_, seed) => historyOf(seed));

const commandsOf = (history: Pick<History, 'rounds'>): readonly Command[] =>
  actionsOf(history).flatMap((action) => (action.kind === 'command' ? [action.command] : []));

test('one seed, one history', () => {
  assert.equal(JSON.stringify(historyOf(7)), JSON.stringify(HISTORIES[7]));
  assert.notEqual(JSON.stringify(historyOf(8)), JSON.stringify(HISTORIES[7]));
});

test('rows that come later are read by every incremental run after them', () => {
  let later = 0;
  for (const history of HISTORIES) {
    const { world, rounds } = history;
    for (const [round, acts] of rounds.entries()) {
      for (const action of actionsOf({ rounds: [acts] })) {
        if (action.kind !== 'append') continue;
        const untils = commandsOf({ rounds: rounds.slice(0, round) }).flatMap((command) =>
          command.kind === 'materialize' ? [parseInstant(command.until)] : [],
        );
        for (const source of sourcesOf(world)) {
          const rows = world.chunks[action.chunk]?.[source.name] ?? [];
          later += rows.length;
          for (const until of untils) {
            assert.ok(rows.every((row) => isReadAfter(world.variants, source, until, row)));
          }
        }
      }
    }
  }
  assert.ok(later > 100, `${later} rows come later`);
});

test('variants differ in definitions, and not in names, kinds, entities and sources', () => {
  let differing = 0;
  for (const { world } of HISTORIES) {
    const shapes = world.variants.map(({ featureViews }) =>
      featureViews.map(({ name, kind, entities, source }) => [name, kind, entities, source]),
    );
    for (const shape of shapes) assert.deepEqual(shape, shapes[0]);
    const texts = world.variants.map(({ featureViews }) => JSON.stringify(featureViews));
    differing += Number(new Set(texts).size > 1);
  }
  assert.ok(differing > 50, `${differing} worlds change`);
});

test('every other world has a continuous aggregate view, which is asked for after its last run', () => {
  const continuous = HISTORIES.filter(({ world }) =>
    world.variants[0]?.featureViews.some(({ kind, refresh }) => kind === 'aggregate' && refresh === undefined),
  );
  assert.equal(continuous.length, HISTORIES.length / 2);
  for (const { world, until } of continuous) assert.ok(parseInstant(world.ats.at(-1) as string) >= parseInstant(until));
  const later = continuous.filter(({ world, until }) => world.ats.at(-1) !== until);
  assert.ok(later.length > 20, `${later.length} of ${continuous.length}`);
});

test('nothing empties an LMDB folder while anybody has it open', () => {
  for (const { online, rounds } of HISTORIES.filter((history) => history.online === 'lmdb')) {
    for (const acts of rounds) {
      const emptied = actionsOf({ rounds: [acts] }).some(({ kind }) => kind === 'store');
      assert.ok(!emptied || acts.length === 1, `${online}: ${JSON.stringify(acts)}`);
    }
  }
});

test('days pass alone, and then something is collected', () => {
  let collections = 0;
  for (const { rounds } of HISTORIES) {
    for (const [round, acts] of rounds.entries()) {
      if (!actionsOf({ rounds: [acts] }).some(({ kind }) => kind === 'age')) continue;
      assert.equal(acts.length, 1, JSON.stringify(acts));
      const next = commandsOf({ rounds: rounds.slice(round + 1, round + 2) });
      assert.ok(
        next.some(({ kind }) => kind === 'gc'),
        JSON.stringify(next),
      );
      collections += 1;
    }
  }
  assert.ok(collections > 30, `${collections} collections`);
});

test('a failing history shrinks to what makes it fail', async () => {
  const isCulprit = (command: Command): boolean => command.kind === 'materialize' && command.mode === 'full';
  const history = HISTORIES.find(
    (one) => commandsOf(one).filter(isCulprit).length === 1 && one.rounds.length > 4,
  ) as History;
  const play = async (candidate: History) =>
    commandsOf(candidate).some(isCulprit)
      ? [{ check: 'online', message: 'wrong' }]
      : [{ check: 'other', message: 'too' }];
  const smallest = await shrink(history, 'online', 1000, undefined, play);
  assert.deepEqual([smallest.rounds.length, smallest.rounds[0]?.length], [1, 1]);
  assert.ok(commandsOf(smallest).some(isCulprit));
  assert.deepEqual(await shrink(history, 'online', 0, undefined, play), history);
});
