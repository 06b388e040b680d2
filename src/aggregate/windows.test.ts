import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  defaultHop,
  earliestStartMicros,
  effectiveMicros,
  knownMicros,
  latestEndMicros,
  reachMicros,
  spanOf,
  windowEndMicros,
  windowStartMicros,
} from './windows.ts';

test('the default hop fits its window twelve times, but is at least 1s', () => {
  const SECOND = 1_000_000n;
  const cases: readonly [bigint, bigint][] = [
    [1n, 1n],
    [119n, 1n],
    [120n, 10n],
    [719n, 10n],
    [720n, 60n],
    [3_599n, 60n],
    [3_600n, 300n],
    [43_199n, 300n],
    [43_200n, 3_600n],
    [86_400n * 12n - 1n, 3_600n],
    [86_400n * 12n, 86_400n],
  ];
  for (const [window, hop] of cases) assert.equal(defaultHop(window * SECOND), hop * SECOND, `${window}s`);
});

const SECOND = 1_000_000n;
const instant = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const duration = fc.bigInt({ min: 1n, max: 10n ** 6n }).map((seconds) => seconds * SECOND);

test('a boundary is a multiple of every, was published by t, and the next one was not', () => {
  fc.assert(
    fc.property(instant, duration, fc.oneof(duration, fc.constant(0n)), (t, everyMicros, delayMicros) => {
      const refresh = { everyMicros, delayMicros };
      const e = effectiveMicros(refresh, t);
      assert.equal(e % everyMicros, 0n);
      assert.ok(e + delayMicros <= t && t < e + everyMicros + delayMicros);
      assert.equal(knownMicros(refresh, t), e + delayMicros);
      assert.equal(effectiveMicros(refresh, knownMicros(refresh, t)), e);
      assert.deepEqual([effectiveMicros(null, t), knownMicros(null, t)], [t, t]);
    }),
  );
});

test('a window with a hop starts at the last hop that reaches all of it', () => {
  fc.assert(
    fc.property(instant, duration, duration, (e, widthMicros, hopMicros) => {
      const start = windowStartMicros({ widthMicros, hopMicros }, e) as bigint;
      assert.equal(start % hopMicros, 0n);
      assert.ok(start <= e - widthMicros && e - widthMicros < start + hopMicros);
      assert.equal(windowStartMicros({ widthMicros, hopMicros: null }, e), e - widthMicros);
      assert.equal(windowStartMicros({ widthMicros: null, hopMicros: null }, e), null);
    }),
  );
});

test('the earliest start of several windows is that of the widest; null where one is unbounded', () => {
  const [hour, day] = [3_600n * SECOND, 86_400n * SECOND].map((widthMicros) => ({ widthMicros, hopMicros: null }));
  assert.ok(hour !== undefined && day !== undefined);
  assert.equal(earliestStartMicros([hour, day], 0n), -86_400n * SECOND);
  assert.equal(earliestStartMicros([hour, { widthMicros: null, hopMicros: null }], 0n), null);
  assert.equal(earliestStartMicros([], 5n), 5n);
});

test('a window with a lead ends beyond e; that of a label begins at e', () => {
  const label = { widthMicros: 7n * SECOND, hopMicros: null, leadMicros: 7n * SECOND };
  const back = { widthMicros: 7n * SECOND, hopMicros: null };
  assert.equal(windowStartMicros(label, 5n), 5n);
  assert.equal(latestEndMicros([label, back], 5n), 5n + 7n * SECOND);
  assert.equal(latestEndMicros([back], 5n), 5n);
  assert.equal(earliestStartMicros([label, back], 5n), 5n - 7n * SECOND);
});

test('a window with an offset ends before e; both ends lie on its grid where it has one', () => {
  const span = (hopMicros: bigint | null) =>
    spanOf('aggregate', { windowMicros: 20n * SECOND, offsetMicros: 25n * SECOND, hopMicros });
  const at = (hopMicros: bigint | null, e: bigint) => [
    windowStartMicros(span(hopMicros), e),
    windowEndMicros(span(hopMicros), e),
  ];
  assert.deepEqual(at(null, 50n * SECOND), [5n * SECOND, 25n * SECOND]);
  assert.deepEqual(at(10n * SECOND, 50n * SECOND), [0n, 20n * SECOND]);
  assert.deepEqual(at(10n * SECOND, 55n * SECOND), [10n * SECOND, 30n * SECOND]);
  assert.deepEqual(at(10n * SECOND, 55n * SECOND - 1n), [0n, 20n * SECOND]);
  assert.deepEqual(at(10n * SECOND, 0n), [-50n * SECOND, -30n * SECOND]);
  assert.equal(latestEndMicros([span(10n * SECOND)], 50n * SECOND), 50n * SECOND);
  assert.equal(earliestStartMicros([span(10n * SECOND)], 50n * SECOND), 0n);
});

test('a row may count for offset, window and hop after its event time', () => {
  assert.equal(reachMicros({ windowMicros: 20n, offsetMicros: 25n, hopMicros: 10n }), 55n);
  assert.equal(reachMicros({ windowMicros: 20n, hopMicros: null }), 20n);
  assert.equal(reachMicros({ windowMicros: null, hopMicros: null }), null);
});
