import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshnessOf } from './freshness.ts';

const SECOND = 1_000_000n;
const view = { refresh: { everyMicros: 100n * SECOND, delayMicros: 5n * SECOND } };
const done = (watermark: bigint) => ({ watermarkMicros: watermark * SECOND, isCurrent: true });

test('overdue counts from the first run that is missing, so that it grows until that one is made up', () => {
  const at = (now: bigint) => freshnessOf(view, done(205n), now * SECOND);
  assert.deepEqual(at(304n), { freshnessSeconds: 99, expectedMicros: 205n * SECOND, overdueSeconds: 0 });
  assert.deepEqual(at(305n), { freshnessSeconds: 100, expectedMicros: 305n * SECOND, overdueSeconds: 0 });
  assert.deepEqual(at(320n), { freshnessSeconds: 115, expectedMicros: 305n * SECOND, overdueSeconds: 15 });
  assert.deepEqual(at(520n), { freshnessSeconds: 315, expectedMicros: 505n * SECOND, overdueSeconds: 215 });
});

test('never materialized, or of a former definition: the newest run is missing', () => {
  const now = 320n * SECOND;
  const never = { freshnessSeconds: null, expectedMicros: 305n * SECOND, overdueSeconds: 15 };
  assert.deepEqual(freshnessOf(view, { watermarkMicros: null, isCurrent: false }, now), never);
  const former = freshnessOf(view, { watermarkMicros: 305n * SECOND, isCurrent: false }, now);
  assert.deepEqual(former, { ...never, freshnessSeconds: 15 });
});

test('a definition is expected to run from the first boundary after it was registered, with its delay', () => {
  const at = (now: bigint, watermarkMicros: bigint | null = null) =>
    freshnessOf(view, { watermarkMicros, isCurrent: false, sinceMicros: 250n * SECOND }, now * SECOND);
  const nothingYet = { freshnessSeconds: null, expectedMicros: null, overdueSeconds: 0 };
  assert.deepEqual(at(250n), nothingYet);
  assert.deepEqual(at(304n), nothingYet);
  assert.deepEqual(at(305n), { ...nothingYet, expectedMicros: 305n * SECOND });
  assert.deepEqual(at(410n), { ...nothingYet, expectedMicros: 405n * SECOND, overdueSeconds: 105 });
  // Registered in the delay after a boundary: that one is not expected of it.
  const inDelay = { watermarkMicros: null, isCurrent: false, sinceMicros: 302n * SECOND };
  assert.equal(freshnessOf(view, inDelay, 310n * SECOND).overdueSeconds, 0);
  assert.equal(freshnessOf(view, inDelay, 406n * SECOND).overdueSeconds, 1);
  // A changed view goes on with its former values meanwhile.
  assert.deepEqual(at(304n, 205n * SECOND), { ...nothingYet, freshnessSeconds: 99 });
  const byCron = { refresh: null, schedule: '* * * * *' };
  const applied = { watermarkMicros: null, isCurrent: false, sinceMicros: 61n * SECOND };
  assert.equal(freshnessOf(byCron, applied, 119n * SECOND).overdueSeconds, 0);
  assert.equal(freshnessOf(byCron, applied, 125n * SECOND).overdueSeconds, 5);
});

test('of a view without refresh and schedule nothing is expected', () => {
  const byHand = freshnessOf({ refresh: null }, done(1n), 3n * SECOND);
  assert.deepEqual(byHand, { freshnessSeconds: 2, expectedMicros: null, overdueSeconds: null });
  assert.equal(freshnessOf({ refresh: null, schedule: '* * * * *' }, done(60n), 70n * SECOND).overdueSeconds, 0);
});
