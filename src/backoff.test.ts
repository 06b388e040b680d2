import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMillis } from './backoff.ts';

test('pauses double up to the longest, and half of each is random', () => {
  const options = { firstMillis: 100, longestMillis: 1000 };
  for (const [failures, full] of [
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 800],
    [5, 1000],
    [5000, 1000],
  ] as const) {
    const pauses = Array.from({ length: 100 }, () => backoffMillis(failures, options));
    for (const pause of pauses) assert.ok(pause >= full / 2 && pause <= full, `${failures}: ${pause}`);
    assert.ok(new Set(pauses).size > 50, 'they differ');
  }
});
