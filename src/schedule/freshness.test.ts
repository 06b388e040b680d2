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

test('of a view without refresh and schedule nothing is expected', () => {
  const byHand = freshnessOf({ refresh: null }, done(1n), 3n * SECOND);
  assert.deepEqual(byHand, { freshnessSeconds: 2, expectedMicros: null, overdueSeconds: null });
  assert.equal(freshnessOf({ refresh: null, schedule: '* * * * *' }, done(60n), 70n * SECOND).overdueSeconds, 0);
});
