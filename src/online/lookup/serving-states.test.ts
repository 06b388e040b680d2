import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, catalogOf, rowView } from '../../../test/support/fake-world.ts';
import { generationOf } from '../../materialize/generation.ts';
import type { LiveGeneration } from '../serving-state.ts';
import { encodeServingState } from '../serving-state-codec.ts';
import { bindRequest } from './bound-request.ts';
import { resolveRequest } from './resolve-request.ts';
import { ServingStates } from './serving-states.ts';

const profile = rowView('profile', { user_id: 'int64' }, [{ name: 'age', type: 'int64' }]);
const request = resolveRequest(catalogOf([profile]), { features: ['profile:age'] });

const liveAt = (until: string, id = 'abc-0'): LiveGeneration =>
  generationOf(profile, { id, run: until, watermarkMicros: at(until) }, null, at(until));

const bytesOf = (live: LiveGeneration): Uint8Array => encodeServingState({ live, token: 1n, rebuildCount: 0 });

test('a run that moves the watermark rebinds nothing', () => {
  const states = new ServingStates();
  const first = states.decode(['profile'], [bytesOf(liveAt('2026-01-01T00:00:00Z'))]);
  const bound = bindRequest(request, first, null);
  const second = states.decode(['profile'], [bytesOf(liveAt('2026-01-02T00:00:00Z'))]);
  assert.equal(bindRequest(request, second, bound), bound);
  assert.equal(second[0]?.live?.progress.watermarkMicros, at('2026-01-02T00:00:00Z'));
});

test('another generation is bound anew, also one of the same name that says something else', () => {
  const states = new ServingStates();
  const live = liveAt('2026-01-01T00:00:00Z');
  const bound = bindRequest(request, states.decode(['profile'], [bytesOf(live)]), null);
  for (const other of [liveAt('2026-01-01T00:00:00Z', 'abc-1'), { ...live, ttlMicros: 1n }]) {
    const next = bindRequest(request, states.decode(['profile'], [bytesOf(other)]), bound);
    assert.notEqual(next, bound);
    assert.equal(next.generations[0]?.id, other.id);
  }
});
