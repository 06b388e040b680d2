import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunReport } from '../materialize/run.ts';
import { healthExitCode, healthOf } from './status-health.ts';

const good = {
  view: 'v',
  watermark: '2026-01-08T00:00:00Z',
  lastRuns: [],
  emptied: false,
  damaged: [],
  overdueSeconds: 0,
};
const after = (staleAfterSeconds: number) => ({ staleAfterSeconds, served: new Set(['v']) });
const run = (outcome: RunReport['outcome'], code?: 'CANCELLED' | 'ENGINE_FAILED'): RunReport =>
  ({ outcome, error: code === undefined ? null : { code, message: '' } }) as RunReport;

test('a view is stale beyond the time that it may be overdue, and one of which nothing is expected never is', () => {
  assert.equal(healthOf({ ...good, overdueSeconds: 600 }, after(600)), 'good');
  assert.equal(healthOf({ ...good, overdueSeconds: 600.1 }, after(600)), 'stale');
  assert.equal(healthOf({ ...good, overdueSeconds: null }, after(0)), 'good');
});

test('a view has failed where its last run did, where it is lost or damaged; not where somebody cancelled it', () => {
  assert.equal(healthOf({ ...good, lastRuns: [run('failed', 'ENGINE_FAILED'), run('succeeded')] }, after(1)), 'failed');
  assert.equal(healthOf({ ...good, lastRuns: [run('succeeded'), run('failed', 'ENGINE_FAILED')] }, after(1)), 'good');
  assert.equal(healthOf({ ...good, lastRuns: [run('failed', 'CANCELLED')] }, after(1)), 'good');
  assert.equal(healthOf({ ...good, emptied: true }, after(1)), 'failed');
  assert.equal(healthOf({ ...good, damaged: ['it'] }, after(1)), 'failed');
});

test('the worst view decides: 4 failed, 3 stale, 0 good', () => {
  const stale = { ...good, overdueSeconds: 99 };
  assert.equal(healthExitCode([], after(10)), 0);
  assert.equal(healthExitCode([good, stale], after(10)), 3);
  assert.equal(healthExitCode([stale, { ...good, emptied: true }], after(10)), 4);
});

test('a view that a service reads and that was never materialized is stale, also where nothing schedules it', () => {
  const never = { ...good, watermark: null, overdueSeconds: null };
  assert.equal(healthOf(never, after(600)), 'stale');
  assert.equal(healthOf({ ...never, view: 'unread' }, after(600)), 'good');
});
