import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregateView, at, rowView } from '../../test/support/fake-world.ts';
import { generationId, generationOf, rebuildCountOf, targetOf } from './generation.ts';

const VIEW = rowView('clicks', { user: 'int64' }, [{ name: 'count', type: 'int64' }]);
const T = at('2026-01-08T00:00:00Z');
const HOUR = 3_600_000_000n;
const LIVE = generationOf(VIEW, { id: generationId(VIEW, 2), run: '00000004', watermarkMicros: T }, null, T);
const STATE = { live: LIVE, token: 4n, rebuildCount: 2 };

const shown = ({ generation, rebuildCount, continued, why }: ReturnType<typeof targetOf>) => [
  ...[rebuildCountOf(generation), rebuildCount, continued?.id ?? null],
  why.replace(generation, 'G'),
];

test('an incremental run adds to the live generation of the same definition', () => {
  assert.deepEqual(shown(targetOf(VIEW, 'incremental', STATE)), [
    2,
    2,
    LIVE.id,
    'adds to generation G of run 00000004',
  ]);
});

test('what fills a generation of its own, and why', () => {
  const changed = { ...VIEW, fingerprint: 'another' };
  assert.deepEqual(shown(targetOf(VIEW, 'full', STATE)), [3, 3, null, 'fills generation G: a new one was asked for']);
  assert.deepEqual(shown(targetOf(changed, 'incremental', STATE)), [
    ...[3, 3, null],
    'fills generation G: the definition changed',
  ]);
  assert.deepEqual(shown(targetOf(VIEW, 'incremental', { live: null, token: 0n, rebuildCount: 0 })), [
    ...[0, 0, null],
    'fills generation G: nothing of the view is in the online store',
  ]);
});

test('what a run that died began to fill is not touched again', () => {
  assert.deepEqual(shown(targetOf(VIEW, 'incremental', { live: null, token: 1n, rebuildCount: 0 })), [
    ...[1, 1, null],
    'fills generation G: the run that was to fill the former one did not finish',
  ]);
});

test('a generation that is added to keeps when it was filled, and the greatest lead of the clock', () => {
  const published = (micros: bigint) => ({ id: LIVE.id, run: '00000005', watermarkMicros: micros });
  const late = generationOf(VIEW, published(T), null, T + 10n * HOUR);
  const next = generationOf(VIEW, published(T + 11n * HOUR), late, T + 12n * HOUR);
  assert.deepEqual(next.retention, {
    ...{ longestWindowMicros: null, clockLeadMicros: 10n * HOUR, filledAtMicros: T + 10n * HOUR },
  });
  const another = generationOf(VIEW, { ...published(T + 11n * HOUR), id: 'another' }, late, T + 12n * HOUR);
  assert.deepEqual([another.retention?.clockLeadMicros, another.retention?.filledAtMicros], [HOUR, T + 12n * HOUR]);
});

test('the longest window of an aggregate view, with its offset; null where one has no end', () => {
  const view = aggregateView('sums', { user: 'int64' }, [
    { name: 'a', type: 'int64' },
    { name: 'b', type: 'int64' },
  ]);
  const windows = (...micros: readonly (bigint | null)[]) => {
    const features = view.features.map((feature, i) => ({ ...feature, windowMicros: micros[i] ?? null }));
    const published = { id: 'g-0', run: '00000001', watermarkMicros: T };
    return generationOf({ ...view, features }, published, null, T).retention?.longestWindowMicros;
  };
  assert.equal(windows(HOUR, 24n * HOUR), 24n * HOUR);
  assert.equal(windows(null, HOUR), null);
  const before = {
    ...view,
    features: view.features.map((feature) => ({ ...feature, windowMicros: HOUR, offsetMicros: 7n })),
  };
  const { retention } = generationOf(before, { id: 'g-0', run: '00000001', watermarkMicros: T }, null, T);
  assert.equal(retention?.longestWindowMicros, HOUR + 7n);
  assert.equal(windows(HOUR, null), null);
});
