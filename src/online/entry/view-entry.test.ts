import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AggregateFeature, AggregateView } from '../../catalog/catalog.ts';
import type { Expression } from '../../catalog/expression.ts';
import { endAt, entryLayout, startAt } from './entry-layout.ts';
import { viewEntry } from './view-entry.ts';

const column = (name: string, type: 'float64' | 'int64' | 'bool'): Expression => ({
  ...{ sql: name, type, canFail: false },
  tree: { kind: 'column', name, type },
});

const feature = (aggregate: AggregateFeature['aggregate'], input: Expression | null): AggregateFeature => ({
  ...{ name: aggregate, type: 'float64', aggregate, input, n: aggregate === 'last_n' ? 3 : null, p: null },
  ...{ windowMicros: 86_400_000_000n, hopMicros: 3_600_000_000n, default: null },
  ...{ description: null, owner: null, tags: {} },
});

const view = (features: readonly AggregateFeature[], changes: Partial<AggregateView> = {}): AggregateView => ({
  ...{ name: 'totals', kind: 'aggregate', entities: ['user'], joinKeys: [], source: 'orders', where: null },
  ...{ refresh: null, visibleFrom: 'event_time', fingerprint: '', features },
  ...{ description: null, owner: null, tags: {} },
  ...changes,
});

test('an input that several features read is one cell', () => {
  const price = column('price', 'float64');
  const features = [
    feature('count', null),
    feature('sum', price),
    feature('mean', column('price', 'float64')),
    feature('last_n', column('item', 'int64')),
  ];
  const entry = viewEntry(view(features));
  assert.deepEqual(entry.cells, ['float64', 'int64']);
  assert.deepEqual(
    entry.features.map(({ input }) => input),
    [null, 0, 0, 1],
  );
  assert.equal(entry.inputs[0], price);
  assert.deepEqual(
    entryLayout(entry).slots.map(({ family }) => family.kind),
    ['count', 'total', 'newest'],
  );
});

test('a condition is a cell of its own, and features with another one share nothing', () => {
  const price = column('price', 'float64');
  const paid = column('paid', 'bool');
  const features = [
    feature('sum', price),
    { ...feature('mean', price), where: paid },
    { ...feature('count', null), where: paid },
  ];
  const entry = viewEntry(view(features));
  assert.deepEqual(entry.cells, ['float64', 'bool']);
  assert.deepEqual(
    entryLayout(entry).slots.map(({ family, input, where }) => [family.kind, input, where]),
    [
      ['total', 0, null],
      ['total', 0, 1],
      ['count', null, 1],
    ],
  );
});

test('a window with an offset ends before the instant, on the grid of its hop', () => {
  const day = 86_400_000_000n;
  const features = [feature('count', null), { ...feature('count', null), name: 'day_before', offsetMicros: day }];
  const { features: entries } = viewEntry(view(features));
  assert.deepEqual(
    entries.map(({ offsetMicros }) => offsetMicros),
    [0n, day],
  );
  const instant = 10n * day + 1n;
  assert.deepEqual(
    entries.map((window) => [startAt(window, instant), endAt(window, instant)]),
    [
      [9n * day, instant],
      [8n * day, 9n * day],
    ],
  );
});

test('created times hide where the view says so; a scheduled view has no entries', () => {
  const features = [feature('count', null)];
  assert.equal(viewEntry(view(features, { visibleFrom: 'created_time' })).hidesByCreated, true);
  assert.equal(viewEntry(view(features)).hidesByCreated, false);
  assert.throws(() => viewEntry(view(features, { refresh: { everyMicros: 1n, delayMicros: 0n } })), /is scheduled/);
});
