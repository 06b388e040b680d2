import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CircuitBreaker } from './circuit-breaker.ts';

/** Its clock is moved by hand, and its pauses are the longest that chance allows. */
function breakerAt() {
  const clock = { millis: 0 };
  const breaker = new CircuitBreaker({ failures: 3, openMillis: 100, now: () => clock.millis, random: () => 1 });
  const fail = (times: number): void => {
    for (let time = 0; time < times; time += 1) breaker.failed();
  };
  return { clock, breaker, fail };
}

test('opens after so many failures in a row, not before; a success between starts the count anew', () => {
  const { breaker, fail } = breakerAt();
  fail(2);
  breaker.succeeded();
  fail(2);
  assert.equal(breaker.state, 'closed');
  assert.equal(breaker.admits(), true);
  fail(1);
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.admits(), false);
  assert.equal(breaker.retryAfterMillis, 100);
  assert.equal(breaker.openings, 1);
});

test('half open, one call is the probe: answered, it closes', () => {
  const { clock, breaker, fail } = breakerAt();
  fail(3);
  clock.millis = 99;
  assert.equal(breaker.admits(), false);
  clock.millis = 100;
  assert.deepEqual([breaker.admits(), breaker.admits(), breaker.state], [true, false, 'half_open']);
  breaker.succeeded();
  assert.deepEqual([breaker.state, breaker.admits(), breaker.retryAfterMillis], ['closed', true, 0]);
});

test('a failed probe opens it twice as long, up to sixteen times; a success makes it short again', () => {
  const { clock, breaker, fail } = breakerAt();
  fail(3);
  for (const millis of [200, 400, 800, 1600, 1600]) {
    clock.millis += breaker.retryAfterMillis;
    assert.equal(breaker.admits(), true);
    fail(1);
    assert.equal(breaker.retryAfterMillis, millis);
  }
  clock.millis += 1600;
  assert.equal(breaker.admits(), true);
  breaker.succeeded();
  fail(3);
  assert.equal(breaker.retryAfterMillis, 100);
});

test('what fails late, while it is open, does not lengthen the pause', () => {
  const { breaker, fail } = breakerAt();
  fail(50);
  assert.deepEqual([breaker.retryAfterMillis, breaker.openings], [100, 1]);
});

test('a new connection is worth a probe at once', () => {
  const { breaker, fail } = breakerAt();
  fail(3);
  breaker.reconnected();
  assert.deepEqual([breaker.admits(), breaker.admits()], [true, false]);
  fail(1);
  assert.equal(breaker.state, 'open');
});
