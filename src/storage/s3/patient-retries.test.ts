import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatientRetries } from './patient-retries.ts';

const serviceError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

test('delays grow with each failure and have jitter, up to five seconds', async () => {
  const retries = new PatientRetries(3_600_000);
  const delays: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    let token = await retries.acquireInitialRetryToken('');
    for (let count = 0; count < 12; count += 1)
      token = await retries.refreshRetryTokenForRetry(token, { errorType: 'TRANSIENT' });
    assert.equal(token.getRetryCount(), 12);
    delays.push(token.getRetryDelay());
  }
  assert.ok(Math.max(...delays) <= 5000 && Math.max(...delays) > 3000);
  assert.ok(Math.min(...delays) < 1500);
  const first = await retries.refreshRetryTokenForRetry(await retries.acquireInitialRetryToken(''), {
    errorType: 'TRANSIENT',
  });
  assert.ok(first.getRetryDelay() <= 50);
});

test('what the client did wrong is final, a contended key is not', async () => {
  const retries = new PatientRetries(10_000);
  const token = await retries.acquireInitialRetryToken('');
  const refresh = (name: string, status: number) =>
    retries.refreshRetryTokenForRetry(token, { errorType: 'CLIENT_ERROR', error: serviceError(name, status) });
  await assert.rejects(refresh('AccessDenied', 403));
  await assert.rejects(refresh('PreconditionFailed', 412));
  assert.equal((await refresh('ConditionalRequestConflict', 409)).getRetryCount(), 1);
});

test('the patience ends', async () => {
  const retries = new PatientRetries(30);
  let token = await retries.acquireInitialRetryToken('');
  const startedAt = Date.now();
  await assert.rejects(async () => {
    for (let tries = 0; tries < 1000; tries += 1) {
      token = await retries.refreshRetryTokenForRetry(token, { errorType: 'TRANSIENT' });
      await new Promise((resolve) => setTimeout(resolve, token.getRetryDelay()));
    }
  }, /patience/);
  assert.ok(Date.now() - startedAt < 5000);
});

test('after an answer to slow down later requests wait, until some succeed', async () => {
  const retries = new PatientRetries(60_000);
  const token = await retries.acquireInitialRetryToken('');
  for (let slowed = 0; slowed < 8; slowed += 1)
    await retries.refreshRetryTokenForRetry(token, { errorType: 'THROTTLING', error: serviceError('SlowDown', 503) });
  const waited = async (): Promise<number> => {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 20 }, () => retries.acquireInitialRetryToken('')));
    return performance.now() - startedAt;
  };
  const slowMillis = await waited();
  assert.ok(slowMillis > 200);
  for (let successes = 0; successes < 12; successes += 1) retries.recordSuccess(token);
  const quickMillis = await waited();
  assert.ok(quickMillis < slowMillis / 2, `${quickMillis} and ${slowMillis} ms`);
});

test('trouble is told once it lasts, not for each attempt, and with the time that is left', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const told: number[] = [];
  const retries = new PatientRetries(60_000, (error, leftMillis) => {
    assert.equal((error as Error).name, 'InternalError');
    told.push(leftMillis);
  });
  let token = await retries.acquireInitialRetryToken('');
  for (let second = 0; second < 15; second += 1) {
    token = await retries.refreshRetryTokenForRetry(token, {
      errorType: 'SERVER_ERROR',
      error: serviceError('InternalError', 500),
    });
    t.mock.timers.tick(1_000);
  }
  assert.deepEqual(told, [58_000, 48_000]);
});
