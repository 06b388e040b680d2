// Each check of collections is able to fail: a history in which gc did what it should, with one thing of it broken.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkHistory } from './check-history.ts';
import type { AgeEvent, CommandEvent, Event } from './event-log.ts';
import type { Evidence, StoredDataset } from './evidence.ts';
import type { Played } from './execute.ts';
import { command, GOOD, materialize, recovered, storedRun, succeeded, T6 } from './sample-history.ts';

const { evidence } = GOOD.recovery;
const [RUN_1, RUN_2] = evidence.runs as [(typeof evidence.runs)[0], (typeof evidence.runs)[0]];
const RUN_3 = storedRun(3, { until: T6, chunks: [0, 1], mode: 'full', generation: 'g-1' });
const [SET_1] = evidence.datasets as [StoredDataset];
const SET_2: StoredDataset = {
  ...{ ...SET_1, version: 2 },
  parts: SET_1.parts.map((part) => ({ ...part, key: part.key.replace('1', '2') })),
};
const live = [{ view: 'v', run: RUN_3.run, token: RUN_3.run, generation: 'g-1', watermarkMicros: '1767247200000000' }];

const BEFORE: Evidence = {
  ...evidence,
  ...{ atMillis: 495, runs: [RUN_1, RUN_2, RUN_3], datasets: [SET_1, SET_2], live },
};
const AFTER: Evidence = { ...BEFORE, atMillis: 600, runs: [RUN_3], datasets: [SET_2] };

const AGE: AgeEvent = { kind: 'age', fromMillis: 491, toMillis: 492 };
const made: readonly Event[] = [
  command(3, materialize(T6, 'full'), succeeded(RUN_3)),
  command(4, { kind: 'dataset', name: 'set' }, { name: 'set', version: 2, rows: 2 }),
];
const REMOVED = [
  { kind: 'snapshot', name: 'v', items: 2 },
  { kind: 'dataset', name: 'set', items: 1 },
];
const gc = (removed: typeof REMOVED = REMOVED, over: Partial<CommandEvent> = {}): CommandEvent =>
  command(5, { kind: 'gc', limit: null, dryRun: false }, { complete: true, removed }, over);
const keep = (number: number, version: number, release = false): CommandEvent =>
  command(number, { kind: 'keep', name: 'set', version, release }, { name: 'set', version, kept: !release });

const played = (events: readonly Event[], before: Evidence = BEFORE, after: Evidence = AFTER): Played => ({
  ...GOOD,
  events: [...GOOD.events, ...made, ...events],
  between: [before, after],
  recovery: {
    ...GOOD.recovery,
    commands: GOOD.recovery.commands.with(
      2,
      recovered('dataset list', { datasets: [{ name: 'set', version: after.datasets.at(-1)?.version }] }),
    ),
    evidence: after,
  },
});

const checksOf = (history: Played): readonly string[] =>
  [...new Set(checkHistory(history).map(({ check }) => check))].toSorted();
const fails = (name: string, expected: readonly string[], history: Played): void =>
  void test(name, () => assert.deepEqual(checksOf(history), expected, JSON.stringify(checkHistory(history))));

describe('what gc removes', () => {
  fails('what nobody needs', [], played([AGE, gc()]));
  fails('something goes, and no collection ran', ['removed'], played([AGE]));
  fails(
    'something goes, and a collection ran that only looks',
    ['removed'],
    played([AGE, command(5, { kind: 'gc', limit: null, dryRun: true }, { removed: REMOVED })]),
  );
  fails('what is younger than the grace period', ['needed'], played([gc()]));

  const [ONE_RUN, ONE_SET] = [
    { kind: 'snapshot', name: 'v', items: 1 },
    { kind: 'dataset', name: 'set', items: 1 },
  ];
  const builtOn2 = { ...BEFORE, live: [{ ...live[0], run: RUN_2.run } as never] };
  fails(
    'a run that the live one builds on',
    ['chain', 'needed'],
    played([AGE, gc([ONE_RUN, ONE_SET])], builtOn2, {
      ...builtOn2,
      ...AFTER,
      live: builtOn2.live,
      runs: [RUN_2, RUN_3],
    }),
  );
  fails(
    'the newest run',
    ['needed'],
    played([AGE, gc([ONE_RUN, ONE_SET])], builtOn2, { ...AFTER, live: builtOn2.live, runs: [RUN_1, RUN_2] }),
  );
  const other = storedRun(3, { ...RUN_3, fingerprint: 'g' });
  fails(
    'the newest run of the registered definition',
    ['needed'],
    played([AGE, gc()], { ...BEFORE, runs: [RUN_1, RUN_2, other] }, { ...AFTER, runs: [other] }),
  );
  const claimed = [{ ...live[0], token: RUN_2.run } as never];
  fails(
    'the run that claimed the view last',
    ['needed'],
    played([AGE, gc()], { ...BEFORE, live: claimed }, { ...AFTER, live: claimed }),
  );
  fails('the newest dataset', ['needed'], played([AGE, gc()], BEFORE, { ...AFTER, datasets: [SET_1] }));
  fails(
    'a part of what stays',
    ['part'],
    played([AGE, gc()], BEFORE, {
      ...AFTER,
      runs: [{ ...RUN_3, parts: RUN_3.parts.map((part) => ({ ...part, found: null })) }],
    }),
  );
});

describe('what gc says', () => {
  fails('less than is gone', ['gc'], played([AGE, gc(REMOVED.slice(1))]));
  fails('less than is gone, with another one that was killed', [], played([AGE, gc(REMOVED.slice(1)), killed()]));
  fails('more than is gone', ['gc'], played([AGE, gc(), killed()], BEFORE, { ...AFTER, datasets: [SET_1, SET_2] }));
});

function killed(): CommandEvent {
  return gc([], { code: null, out: '', wasHarmed: true });
}

describe('what is kept', () => {
  const kept = { ...SET_1, kept: true };
  const before = { ...BEFORE, datasets: [kept, SET_2] };
  const runsOnly = gc(REMOVED.slice(0, 1));
  fails('it is there', [], played([keep(4, 1), AGE, runsOnly], before, { ...AFTER, datasets: [kept, SET_2] }));
  fails('it is gone', ['kept'], played([keep(4, 1), AGE, gc()], before));
  fails(
    'it is kept no more',
    ['kept'],
    played([keep(4, 1), AGE, runsOnly], before, { ...AFTER, datasets: [SET_1, SET_2] }),
  );
  fails('somebody released it', [], played([keep(3, 1), keep(4, 1, true), AGE, gc()], before));
});

fails(
  'the number of a run is given again',
  ['number'],
  played([AGE, gc()], BEFORE, { ...AFTER, runs: [{ ...RUN_3, createdMillis: RUN_3.createdMillis + 1 }] }),
);

describe('what collections have to finish', () => {
  const finished = (over: Partial<Evidence>): Played => {
    const good = played([AGE, gc()], BEFORE, AFTER);
    const collected = { ...AFTER, atMillis: 1200, ...over };
    return {
      ...good,
      between: [BEFORE, { ...AFTER, ...over, atMillis: 600 }],
      recovery: { ...good.recovery, uncollected: { ...collected, atMillis: 1100 }, evidence: collected },
    };
  };
  const left = (over: Partial<Evidence>): readonly string[] =>
    checksOf(finished(over)).filter((check) => check !== 'gc');
  test('all is done', () => assert.deepEqual(left({}), []));
  for (const [what, over] of Object.entries({
    'a run': { runs: [RUN_2, RUN_1, RUN_3] },
    'a dataset': { datasets: [SET_1, SET_2] },
    'a part that no manifest names': { leftovers: ['views/v/00000001/part-0.parquet'] },
    'the place of a collection': { leftovers: ['gc/cursor.json'] },
  }))
    test(`${what} is left`, () => assert.deepEqual(left(over), ['collected']));
});
