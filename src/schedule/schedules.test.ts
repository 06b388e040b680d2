// Schedules of former definitions that training sets are bound to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregateView, catalogOf } from '../../test/support/fake-world.ts';
import { scheduleNameOf } from './held-view.ts';
import { schedulesOf } from './schedules.ts';
import { jobOf } from './started-job.ts';

const HOUR = 3_600_000_000n;
const clicks = aggregateView('clicks', { user: 'int64' }, [{ name: 'n', type: 'int64' }]);
const held = (everyMicros: bigint) => ({
  view: { ...clicks, fingerprint: 'abcdef0123', refresh: { everyMicros, delayMicros: HOUR / 12n } },
  boundTo: ['churn@12'],
  generation: null,
});
const names = (views: Parameters<typeof catalogOf>[0], everyMicros: bigint): readonly string[] =>
  schedulesOf(catalogOf(views), [], [held(everyMicros)]).map(({ name }) => name);

test('a former definition that is due with the present one has no schedule of its own, others have', () => {
  assert.deepEqual(names([clicks], HOUR), ['clicks']);
  assert.deepEqual(names([clicks], 2n * HOUR), ['clicks', 'clicks__abcdef01']);
  assert.deepEqual(names([], HOUR), ['clicks__abcdef01']);
});

test('its job runs the former definitions of the view alone', () => {
  const [schedule] = schedulesOf(catalogOf([]), [], [held(HOUR)]);
  assert.ok(schedule !== undefined);
  assert.equal(schedule.name, scheduleNameOf(held(HOUR)));
  const { work } = jobOf(schedule, 5n) as { readonly work: { readonly request: object } };
  assert.deepEqual(work.request, {
    views: ['clicks'],
    untilMicros: 5n,
    isUntilNow: false,
    mode: 'incremental',
    isOfFormer: true,
  });
});
