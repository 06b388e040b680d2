import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_FAILED_STARTS, Restarts, type WorkerEnd } from './restarts.ts';

const pauses = (ends: readonly WorkerEnd[]): readonly (number | null)[] => {
  const restarts = new Restarts();
  return ends.map((end) => restarts.pauseMillis(end));
};
const times = (count: number, end: WorkerEnd): readonly WorkerEnd[] => Array.from({ length: count }, () => end);

const neverReady = { readyForMillis: null, othersAnswer: false };
const shortlyReady = { readyForMillis: 1000, othersAnswer: false };

test('pauses double up to five seconds, half of each random', () => {
  const found = pauses(times(12, shortlyReady));
  for (const [i, pause] of found.entries()) {
    const most = Math.min(5000, 100 * 2 ** i);
    assert.ok(pause !== null && pause >= most / 2 && pause <= most, `${i}: ${pause}`);
  }
});

test('a worker that lived for a minute is started again as if it had been the first', () => {
  const found = pauses([...times(6, shortlyReady), { readyForMillis: 60_000, othersAnswer: false }]);
  assert.ok((found.at(-1) ?? Infinity) <= 100);
});

test('starts that fail in a row end it, unless others answer; one that was ready counts anew', () => {
  const most = MOST_FAILED_STARTS;
  assert.deepEqual(
    pauses(times(most, neverReady)).map((pause) => pause === null),
    [...Array(most - 1).fill(false), true],
  );
  assert.ok(!pauses(times(3 * most, { readyForMillis: null, othersAnswer: true })).includes(null));
  assert.ok(!pauses([...times(most - 1, neverReady), shortlyReady, ...times(most - 1, neverReady)]).includes(null));
});
