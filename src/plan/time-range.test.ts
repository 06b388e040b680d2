import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowSpan } from '../aggregate/windows.ts';
import type { LabelInstantsNode, LatestRowNode, RowsNode, WindowsNode } from './nodes.ts';
import { ALL_TIMES, rangeAtBoundary, rangeAtLabels } from './time-range.ts';

const HOUR = 3_600_000_000n;
const interval = { fromMicros: 100n * HOUR + 1n, toMicros: 200n * HOUR + 1n };
const continuous: LabelInstantsNode = { kind: 'label_instants', refresh: null, roles: [] };
const hourly: LabelInstantsNode = { ...continuous, refresh: { everyMicros: HOUR, delayMicros: HOUR } };

const latestRow = (ttlMicros: bigint | null): LatestRowNode => ({
  ...{ kind: 'latest_row', view: 'v', rows: {} as RowsNode, at: continuous },
  ...{ strictlyBefore: false, delayMicros: 0n, ttlMicros, features: [] },
});
const windows = (...spans: readonly WindowSpan[]): WindowsNode => ({
  ...{ kind: 'windows', view: 'v', rows: {} as RowsNode, at: continuous, delayMicros: 0n, features: [] },
  windows: spans.map((span, i) => ({ id: `w${i}`, ...span })),
});

test('a row view needs what can be valid at the earliest label, up to the effective time of the latest', () => {
  assert.deepEqual(rangeAtLabels(latestRow(null), continuous, interval), {
    fromMicros: null,
    toMicros: interval.toMicros,
  });
  assert.deepEqual(rangeAtLabels(latestRow(5n), continuous, interval), {
    ...interval,
    fromMicros: interval.fromMicros - 5n,
  });
  // Ages count from the label's own time, whatever the effective one is.
  assert.deepEqual(rangeAtLabels(latestRow(5n), hourly, interval), {
    fromMicros: interval.fromMicros - 5n,
    toMicros: 199n * HOUR,
  });
});

test('the windows of labels need what lies ahead of the last instant that can be mature', () => {
  const ahead = windows(
    ...[1n, 30n].map((hours) => ({ widthMicros: hours * HOUR, hopMicros: null, leadMicros: hours * HOUR })),
  );
  assert.deepEqual(rangeAtLabels(ahead, continuous, interval), {
    fromMicros: interval.fromMicros,
    toMicros: interval.toMicros + 30n * HOUR,
  });
  assert.deepEqual(rangeAtLabels(ahead, { ...continuous, untilMicros: 150n * HOUR }, interval), {
    fromMicros: interval.fromMicros,
    toMicros: 180n * HOUR,
  });
  assert.deepEqual(
    rangeAtLabels(ahead, { ...continuous, untilMicros: 250n * HOUR }, interval).toMicros,
    230n * HOUR + 1n,
  );
});

test('windows need what lies in the widest of them, from the hop on', () => {
  const [narrow, wide] = [1n, 30n].map((hours) => ({ widthMicros: hours * HOUR, hopMicros: HOUR }));
  assert.ok(narrow !== undefined && wide !== undefined);
  assert.deepEqual(rangeAtLabels(windows(narrow, wide), continuous, interval), {
    fromMicros: 70n * HOUR,
    toMicros: interval.toMicros,
  });
  assert.deepEqual(rangeAtLabels(windows({ ...wide, hopMicros: null }), hourly, interval), {
    fromMicros: 69n * HOUR,
    toMicros: 199n * HOUR,
  });
  const unbounded = { widthMicros: null, hopMicros: null };
  assert.equal(rangeAtLabels(windows(narrow, unbounded), continuous, interval).fromMicros, null);
});

test('at a boundary, windows have a start and row views have none; without labels nothing is known', () => {
  const day = { widthMicros: 24n * HOUR, hopMicros: null };
  assert.deepEqual(rangeAtBoundary(windows(day), 48n * HOUR), { fromMicros: 24n * HOUR, toMicros: 48n * HOUR });
  assert.deepEqual(rangeAtBoundary(latestRow(5n), 48n * HOUR), { fromMicros: null, toMicros: 48n * HOUR });
  assert.deepEqual(rangeAtLabels(latestRow(5n), continuous, null), ALL_TIMES);
});
