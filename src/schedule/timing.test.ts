import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isCron } from '../cron.ts';
import { formatInstant, parseInstant } from '../instant.ts';
import { newestDue, nextDue, type Timing, timingOf } from './timing.ts';

const at = (text: string): bigint => parseInstant(text) as bigint;
const told = (micros: bigint | null): string | null => (micros === null ? null : formatInstant(micros));
const HOURLY: Timing = { kind: 'refresh', everyMicros: 3_600_000_000n, delayMicros: 300_000_000n };
const NIGHTLY: Timing = { kind: 'cron', cron: '0 3 * * *' };

test('a view with refresh is due at each boundary + delay: at that very instant, and not a microsecond before', () => {
  assert.equal(told(newestDue(HOURLY, at('2026-01-08T10:05:00Z'))), '2026-01-08T10:05:00Z');
  assert.equal(told(newestDue(HOURLY, at('2026-01-08T10:05:00Z') - 1n)), '2026-01-08T09:05:00Z');
  assert.equal(told(nextDue(HOURLY, at('2026-01-08T10:05:00Z'))), '2026-01-08T11:05:00Z');
  assert.equal(told(nextDue(HOURLY, at('2026-01-08T10:05:00Z') - 1n)), '2026-01-08T10:05:00Z');
  assert.equal(told(newestDue(HOURLY, at('1969-12-31T23:00:00Z'))), '1969-12-31T22:05:00Z');
});

test('cron is in UTC, wherever the server is', () => {
  const before = process.env.TZ;
  process.env.TZ = 'America/New_York';
  try {
    assert.equal(told(newestDue(NIGHTLY, at('2026-03-08T03:00:00Z'))), '2026-03-08T03:00:00Z');
    assert.equal(told(newestDue(NIGHTLY, at('2026-03-08T02:59:59.999999Z'))), '2026-03-07T03:00:00Z');
    assert.equal(told(nextDue(NIGHTLY, at('2026-03-08T03:00:00Z'))), '2026-03-09T03:00:00Z');
    // The night in which New York has no 02:30.
    assert.equal(
      told(nextDue({ kind: 'cron', cron: '30 2 * * *' }, at('2026-03-08T00:00:00Z'))),
      '2026-03-08T02:30:00Z',
    );
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test('cron that is none, has seconds or a nickname, or that no instant fits', () => {
  for (const text of ['* * * *', '61 * * * *', '* * * * * *', '0 0 31 2 *', 'nightly', ''])
    assert.equal(isCron(text), false, text);
  for (const text of ['* * * * *', '0 3 * * 1-5', '*/7 0 29 2 *', '0 0 L * *']) assert.equal(isCron(text), true, text);
});

test('the newest due instant and the next one enclose the clock, and nothing lies between them', () => {
  const timing = fc.oneof(
    fc.record({
      kind: fc.constant('refresh' as const),
      everyMicros: fc.bigInt(1n, 10n ** 10n),
      delayMicros: fc.bigInt(0n, 10n ** 10n),
    }),
    fc
      .constantFrom('* * * * *', '0 3 * * *', '*/7 * * * *', '0 0 29 2 *', '15 4 * * 1')
      .map((cron) => ({ kind: 'cron' as const, cron })),
  );
  fc.assert(
    fc.property(timing, fc.bigInt(0n, 4n * 10n ** 15n), fc.boolean(), (one, clock, isOnEdge) => {
      const now = isOnEdge ? (nextDue(one, clock) as bigint) : clock;
      const newest = newestDue(one, now);
      const next = nextDue(one, now) as bigint;
      if (newest === null) return;
      assert.ok(newest <= now && now < next);
      assert.equal(nextDue(one, newest), next);
      assert.equal(newestDue(one, next), next);
      assert.equal(newestDue(one, next - 1n), newest);
    }),
    { numRuns: 300 },
  );
});

test('refresh says when, else schedule does, else nothing', () => {
  const refresh = { everyMicros: 1n, delayMicros: 0n };
  assert.deepEqual(timingOf({ refresh }), { kind: 'refresh', ...refresh });
  assert.deepEqual(timingOf({ refresh: null, schedule: '0 3 * * *' }), NIGHTLY);
  assert.equal(timingOf({ refresh: null }), null);
  assert.equal(timingOf({ refresh, online: false }), null, 'never materialized');
});
