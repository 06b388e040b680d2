import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInstant, nowMicros } from '../instant.ts';
import { requireUntil } from './requested-until.ts';

const place = { path: '--until', permit: '--allow-future', isPermitted: false };
const HOUR = 3_600_000_000n;

test('an instant more than a day after the clock needs a permit', () => {
  const far = nowMicros() + 25n * HOUR;
  const found = formatInstant(far);
  assert.throws(() => requireUntil(found, place), {
    code: 'INVALID_REQUEST',
    message: new RegExp(`^--until: found ${found}, expected at most one day after .* or add --allow-future$`),
  });
  assert.equal(requireUntil(found, { ...place, isPermitted: true }), far);
});

test('an instant within a day of the clock needs none; no instant is now', () => {
  const near = nowMicros() + 23n * HOUR;
  assert.equal(requireUntil(formatInstant(near), place), near);
  assert.equal(requireUntil('1970-01-01T00:00:00Z', place), 0n);
  const before = nowMicros();
  assert.ok(requireUntil(undefined, place) >= before);
});
