import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueRun, type Standing } from './due-run.ts';

const timing = { kind: 'refresh', everyMicros: 100n, delayMicros: 5n } as const;
const LATEST = { timing, catchUp: 'latest' } as const;
const EACH = { timing, catchUp: 'each' } as const;
const standing = (handledMicros: bigint | null, retry: Standing['retry'] = null): Standing => ({
  handledMicros,
  retry,
});

test('of several that were missed: the newest alone, or each in turn', () => {
  assert.deepEqual(dueRun(LATEST, standing(105n), 450n), { dueMicros: 405n, failures: 0 });
  assert.deepEqual(dueRun(EACH, standing(105n), 450n), { dueMicros: 205n, failures: 0 });
  assert.deepEqual(dueRun(EACH, standing(205n), 450n), { dueMicros: 305n, failures: 0 });
  assert.equal(dueRun(EACH, standing(405n), 450n), null);
  assert.equal(dueRun(LATEST, standing(405n), 504n), null);
  assert.deepEqual(dueRun(LATEST, standing(405n), 505n), { dueMicros: 505n, failures: 0 });
});

test('what was never done is due at its newest instant, whatever is caught up', () => {
  assert.deepEqual(dueRun(EACH, standing(null), 450n), { dueMicros: 405n, failures: 0 });
  assert.deepEqual(dueRun(LATEST, standing(null), 450n), { dueMicros: 405n, failures: 0 });
});

test('a run by hand between two boundaries counts for those before it', () => {
  assert.equal(dueRun(LATEST, standing(430n), 450n), null);
  assert.equal(dueRun(EACH, standing(430n), 450n), null);
});

test('one that failed waits, and a later one does not wait for it but inherits its failures', () => {
  const retry = { dueMicros: 405n, failures: 2, atMicros: 470n };
  assert.equal(dueRun(LATEST, standing(305n, retry), 469n), null);
  assert.deepEqual(dueRun(LATEST, standing(305n, retry), 470n), { dueMicros: 405n, failures: 2 });
  const late = { ...retry, atMicros: 900n };
  assert.deepEqual(dueRun(LATEST, standing(305n, late), 505n), { dueMicros: 505n, failures: 2 });
  assert.equal(dueRun(EACH, standing(305n, late), 505n), null, 'each in its turn');
});
