import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultHop, earliestStartMicros, effectiveMicros, knownMicros, windowStartMicros } from './windows.ts';

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
