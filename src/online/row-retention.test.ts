import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKeptForEver, isOver, lifeMicros } from './row-retention.ts';
import type { GenerationRetention } from './serving-state.ts';

const DAY = 86_400_000_000n;
const GRACE = DAY;
/** The data ends ten years before the clock of the run that put it online. */
const T = 1_000n * DAY;
const LEAD = 3_650n * DAY;
const retention = (longestWindowMicros: bigint | null): GenerationRetention => ({
  longestWindowMicros,
  clockLeadMicros: LEAD,
  filledAtMicros: T + LEAD,
});
const row = (ttlMicros: bigint | null) =>
  ({ kind: 'row', ttlMicros, watermarkMicros: T, reachedMicros: T, retention: retention(null) }) as const;
const aggregate = (longest: bigint | null) =>
  ({
    kind: 'aggregate',
    ttlMicros: null,
    watermarkMicros: T,
    reachedMicros: T,
    retention: retention(longest),
  }) as const;

test('a row lives for the rest of its ttl at T, and the grace period', () => {
  const view = row(7n * DAY);
  for (const [event, expected] of [
    [T, 7n * DAY + GRACE],
    [T - 3n * DAY, 4n * DAY + GRACE],
    [T - 7n * DAY, GRACE],
    [T - 7n * DAY - 1n, GRACE],
    [T - 900n * DAY, GRACE],
  ] as const)
    assert.equal(lifeMicros(view, event, GRACE), expected);
});

test('an aggregate lives for its longest window, whenever its events were', () => {
  assert.equal(lifeMicros(aggregate(30n * DAY), T - 20n * DAY, GRACE), 31n * DAY);
  assert.equal(lifeMicros(aggregate(30n * DAY), null, GRACE), 31n * DAY);
});

test('the need is over one microsecond after ttl, lead and grace, and not before', () => {
  const event = T - 3n * DAY;
  const end = event + 7n * DAY + LEAD + GRACE;
  assert.deepEqual(
    [end - 1n, end, end + 1n].map((now) => isOver(row(7n * DAY), event, GRACE, now)),
    [false, false, true],
  );
  const ofWindow = T + 30n * DAY + LEAD + GRACE;
  const overAt = (now: bigint) => isOver(aggregate(30n * DAY), null, GRACE, now);
  assert.deepEqual([ofWindow - 1n, ofWindow, ofWindow + 1n].map(overAt), [false, false, true]);
});

test('a row is never over before its life has passed', () => {
  for (const ttl of [1n, DAY, 30n * DAY]) {
    for (const age of [0n, 1n, ttl - 1n, ttl]) {
      const life = lifeMicros(row(ttl), T - age, GRACE);
      assert.ok(life !== null);
      assert.equal(isOver(row(ttl), T - age, GRACE, T + LEAD + life), false);
      assert.equal(isOver(row(ttl), T - age, GRACE, T + LEAD + life + 1n), true);
    }
  }
});

test('rows that a run which died has reached further with count from there', () => {
  const reached = { ...aggregate(DAY), reachedMicros: T + 5n * DAY };
  assert.equal(isOver(reached, null, GRACE, T + LEAD + 7n * DAY), false);
  assert.equal(isOver(reached, null, GRACE, T + LEAD + 7n * DAY + 1n), true);
});

test('without a ttl, with an unbounded window, or where nothing is known, rows stay for ever', () => {
  const unknown = { ...row(DAY), retention: null };
  for (const generation of [row(null), aggregate(null), unknown]) {
    assert.ok(isKeptForEver(generation));
    assert.equal(lifeMicros(generation, T, GRACE), null);
    assert.equal(isOver(generation, T, GRACE, 2n ** 62n), false);
  }
  assert.equal(lifeMicros(row(DAY), null, GRACE), null);
  assert.equal(isOver(row(DAY), null, GRACE, 2n ** 62n), false);
});
