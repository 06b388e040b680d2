// Of a continuous aggregate view: each key's answer is that of one run, whole, at the instant that was asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from './answer.ts';
import { setMismatch } from './checks/lookups.ts';
import type { FaultWorld } from './history.ts';
import { Model } from './model.ts';
import { storedRun, T2, T6, WORLD } from './sample-history.ts';

const T5 = '2026-01-01T05:59:59.999999Z';
/** Then the row of T2's run has left the window of 6 hours. */
const T8 = '2026-01-01T08:00:00Z';

const world: FaultWorld = {
  ...WORLD,
  variants: WORLD.variants.slice(0, 1).map((variant) => ({
    ...variant,
    featureViews: [
      {
        ...{ name: 'v', kind: 'aggregate', entities: ['user'], source: 's' },
        features: [
          { name: 'rows', aggregate: 'count', window: '6h', hop: '1h' },
          { name: 'total', aggregate: 'sum', column: 'score', window: '6h', hop: '1h' },
        ],
      },
    ],
  })),
  ats: [T2, T5, T6, T8],
};

const RUN_1 = storedRun(1);
const RUN_2 = storedRun(2, { until: T6, chunks: [0, 1], basedOn: RUN_1.run, chain: [RUN_1.run, '00000002'] });
const model = new Model(world, {
  versions: [{ version: 1, variant: 0, fingerprints: { v: 'f' } }],
  runs: [RUN_1, RUN_2],
});

const PRESENT = ['PRESENT', 'PRESENT'];
const TOO_EARLY = ['TOO_EARLY', 'TOO_EARLY'];

function mismatch(at: string, rows: Answer['rows'], statuses: Answer['statuses'], set = [RUN_1, RUN_2]) {
  const entries = model.entriesOf(0);
  const columns = entries.flatMap((entry) => entry.columns);
  const asOf = { v: set.at(-1)?.until ?? '' };
  return setMismatch(model, set, 'v', entries, 0, { version: 1, asOf, columns, rows, statuses }, at);
}

const NOTHING = [null, null];
/** At T6, of each key, from the entries of the first run and of the second one. */
const FORMER = [
  [1, 1],
  [1, 2],
] as const;
const LATER = [
  [2, 6],
  [2, 8],
] as const;
/** At T8. */
const SLID = [
  [1, 5],
  [1, 6],
] as const;

test('while a run replaces entries, each key has those of one run', () => {
  assert.equal(mismatch(T6, FORMER, [PRESENT, PRESENT]), undefined);
  assert.equal(mismatch(T6, [LATER[0], FORMER[1]], [PRESENT, PRESENT]), undefined);
  assert.equal(mismatch(T6, LATER, [PRESENT, PRESENT]), undefined);
  assert.match(`${mismatch(T6, [[2, 1], LATER[1]], [PRESENT, PRESENT])}`, /^entity 0/);
  assert.match(`${mismatch(T6, [LATER[0], [1, 8]], [PRESENT, PRESENT])}`, /^entity 1/);
});

test('before the T of a run its entries say nothing, and those of the run before say what they said', () => {
  assert.equal(mismatch(T5, [NOTHING, [1, 2]], [TOO_EARLY, PRESENT]), undefined);
  assert.match(`${mismatch(T5, [NOTHING, [1, 2]], [TOO_EARLY, PRESENT], [RUN_2])}`, /^entity 1/);
  assert.match(`${mismatch(T5, [[2, 6], NOTHING], [PRESENT, TOO_EARLY])}`, /^entity 0/);
});

test('after it windows slide on, an hour at a time', () => {
  assert.equal(mismatch(T8, SLID, [PRESENT, PRESENT], [RUN_2]), undefined);
  assert.match(`${mismatch(T8, LATER, [PRESENT, PRESENT], [RUN_2])}`, /^entity 0/);
});
