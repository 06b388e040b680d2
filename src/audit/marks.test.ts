import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownMicros } from '../aggregate/windows.ts';
import type { AggregateView, FeatureView, RowView } from '../catalog/catalog.ts';
import { marksOf } from './marks.ts';

const VIEW = { name: 'v', refresh: null, visibleFrom: 'event_time', strictlyBefore: false, ttlMicros: null };
const rowView = (over: object): FeatureView => ({ ...VIEW, kind: 'row', ...over }) as unknown as RowView;
const aggregateView = (over: object, ...windows: readonly (readonly [bigint | null, bigint | null])[]): FeatureView =>
  ({
    ...VIEW,
    kind: 'aggregate',
    features: windows.map(([windowMicros, hopMicros]) => ({ windowMicros, hopMicros })),
    ...over,
  }) as unknown as AggregateView;

const EVERY_10 = { refresh: { everyMicros: 10n, delayMicros: 3n } };

const marks = (view: FeatureView, eventMicros: bigint, createdMicros: bigint | null = null) =>
  marksOf(view, { key: [], eventMicros, createdMicros }).map(({ kind, micros }) => [kind, micros]);

test('a continuous row view sees a row at its instant, or behind it, and as long as it lives', () => {
  assert.deepEqual(marks(rowView({}), 100n), [['enters', 100n]]);
  assert.deepEqual(marks(rowView({ strictlyBefore: true }), 100n), [['enters', 101n]]);
  assert.deepEqual(marks(rowView({ ttlMicros: 7n }), 100n), [
    ['enters', 100n],
    ['expires', 108n],
  ]);
});

test('a scheduled view sees a row at the first boundary behind it, once that is published', () => {
  assert.deepEqual(marks(rowView(EVERY_10), 100n), [['enters', 113n]]);
  assert.deepEqual(marks(rowView(EVERY_10), 99n), [['enters', 103n]]);
  assert.deepEqual(marks(rowView(EVERY_10), -1n), [['enters', 3n]]);
});

test('a row leaves each window once, at the first boundary whose window begins behind it', () => {
  assert.deepEqual(marks(aggregateView(EVERY_10, [20n, null], [20n, null], [null, null]), 100n), [
    ['enters', 113n],
    ['leaves 20/null', 133n],
  ]);
  // [floor(e - 25, 10), e): from e = 135 on it begins at 110.
  assert.deepEqual(marks(aggregateView({}, [25n, 10n]), 104n), [
    ['enters', 105n],
    ['leaves 25/10', 135n],
  ]);
});

test('a row comes into a window with an offset behind that, and leaves behind both', () => {
  const features = [{ windowMicros: 20n, offsetMicros: 30n, hopMicros: null }];
  assert.deepEqual(marks(aggregateView({ ...EVERY_10, features }), 100n), [
    ['enters', 113n],
    ['comes 30/null', 143n],
    ['leaves 50/null', 163n],
  ]);
  // [floor(e - 45, 10), floor(e - 20, 10)): at e = 129 it ends at 100, at e = 130 at 110; at e = 155 it begins at 110.
  const onGrid = [{ windowMicros: 25n, offsetMicros: 20n, hopMicros: 10n }];
  assert.deepEqual(marks(aggregateView({ features: onGrid }), 104n), [
    ['enters', 105n],
    ['comes 20/10', 130n],
    ['leaves 45/10', 155n],
  ]);
});

test('a row is known at the first instant whose p(t) reaches its created time', () => {
  const byCreated = { visibleFrom: 'created_time' };
  assert.deepEqual(marks(rowView(byCreated), 100n, 140n)[1], ['known', 140n]);
  for (let created = 95n; created < 120n; created += 1n) {
    const [, [kind, micros] = []] = marks(rowView({ ...byCreated, ...EVERY_10 }), 100n, created);
    assert.equal(kind, 'known');
    assert.ok(knownMicros(EVERY_10.refresh, micros as bigint) >= created);
    assert.ok(knownMicros(EVERY_10.refresh, (micros as bigint) - 1n) < created);
  }
});

test('a row comes into a label at the first instant whose window reaches it, and goes behind its own', () => {
  const features = [{ windowMicros: 20n }, { windowMicros: 20n }, { windowMicros: 5n }];
  const view = { ...VIEW, kind: 'label', features } as unknown as FeatureView;
  assert.deepEqual(marks(view, 100n), [
    ['comes 20', 81n],
    ['comes 5', 96n],
    ['goes', 101n],
  ]);
});
