import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, rowView } from '../../test/support/fake-world.ts';
import { nowMicros } from '../instant.ts';
import { generationOf } from './generation.ts';
import type { MaterializeRequest } from './run.ts';
import { untilOf } from './until.ts';

const VIEW = rowView('clicks', { user: 'int64' }, [{ name: 'count', type: 'int64' }]);
const WATERMARK = at('2026-01-08T00:00:00Z');
const EARLIER = WATERMARK - 1n;

const liveAt = (watermarkMicros: bigint) =>
  generationOf(VIEW, { id: 'g-0', run: '00000001', watermarkMicros }, null, watermarkMicros);
const asked = (untilMicros: bigint, rest: Partial<MaterializeRequest> = {}): MaterializeRequest => ({
  ...{ views: null, untilMicros, isUntilNow: false, mode: 'incremental' },
  ...rest,
});

test('the instant that was asked for, where the view is not further', () => {
  const live = liveAt(WATERMARK);
  assert.equal(untilOf(asked(EARLIER), VIEW, null), EARLIER);
  assert.equal(untilOf(asked(WATERMARK), VIEW, live), WATERMARK);
  assert.equal(untilOf(asked(WATERMARK + 1n), VIEW, live), WATERMARK + 1n);
});

test('before the watermark: refused for an incremental run, which tells how far the view is', () => {
  assert.throws(() => untilOf(asked(EARLIER), VIEW, liveAt(WATERMARK)), {
    code: 'BEHIND_WATERMARK',
    details: { view: 'clicks', watermark: '2026-01-08T00:00:00Z' },
  });
});

test('before the watermark: a full run may, and so may the first run of another definition', () => {
  const live = liveAt(WATERMARK);
  assert.equal(untilOf(asked(EARLIER, { mode: 'full' }), VIEW, live), EARLIER);
  assert.equal(untilOf(asked(EARLIER), { ...VIEW, fingerprint: 'another' }, live), EARLIER);
});

test('nobody named an instant, and another run went further meanwhile: now, unless the watermark lies after the clock', () => {
  const request = asked(EARLIER, { isUntilNow: true });
  const until = untilOf(request, VIEW, liveAt(WATERMARK));
  assert.ok(until >= WATERMARK && until <= nowMicros());
  const future = liveAt(nowMicros() + 3_600_000_000n);
  assert.throws(() => untilOf(request, VIEW, future), { code: 'BEHIND_WATERMARK' });
});
