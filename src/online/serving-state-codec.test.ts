import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import type { LiveGeneration, ServingState } from './serving-state.ts';
import { decodeServingState, encodeServingState } from './serving-state-codec.ts';

const state: ServingState = {
  live: {
    id: '0123456789abcdef-1',
    run: '00000007',
    fingerprint: '0123456789abcdef',
    kind: 'row',
    entities: ['user'],
    joinKeys: [{ name: 'user_id', type: 'int64' }],
    features: [
      { name: 'n', type: 'int64', default: 2n ** 63n - 1n, emptyValue: 0n },
      { name: 'b', type: 'bytes', default: new Uint8Array([0, 255]), emptyValue: null },
      { name: 'l', type: 'list<string>', default: ['$a', null], emptyValue: [] },
    ],
    refresh: { everyMicros: 3_600_000_000n, delayMicros: 0n },
    visibleFrom: 'event_time',
    strictlyBefore: false,
    ttlMicros: null,
    watermarkMicros: -1n,
    reachedMicros: 2n ** 60n,
    retention: { longestWindowMicros: 7n, clockLeadMicros: -5n, filledAtMicros: 9n },
  },
  token: 2n ** 60n,
  rebuildCount: 2,
};

const isCorrupt = (error: unknown): boolean => error instanceof PlumbError && error.code === 'STORAGE_CORRUPT';

test('what is written is read', () => {
  for (const current of [state, { live: null, token: 0n, rebuildCount: 0 }]) {
    assert.deepEqual(decodeServingState(encodeServingState(current)), current);
  }
});

test('equal states are equal bytes', () => {
  assert.deepEqual(encodeServingState(structuredClone(state)), encodeServingState(state));
});

test('anything else is refused', () => {
  const bytes = Buffer.from(encodeServingState(state));
  const damaged = [
    '',
    '{}',
    'null',
    bytes.subarray(0, -1),
    bytes.toString().replace('"format":1', '"format":2'),
    bytes.toString().replace('"token"', '"tok"'),
    bytes.toString().replace('"watermarkMicros"', '"watermark"'),
    bytes.toString().replace('"$int"', '"$float"'),
  ];
  for (const text of damaged) assert.throws(() => decodeServingState(Buffer.from(text)), isCorrupt, String(text));
});

test('a state of before there was retention says nothing of it', () => {
  const { retention: _, ...former } = state.live as LiveGeneration;
  const bytes = encodeServingState({ ...state, live: former as LiveGeneration });
  assert.ok(!Buffer.from(bytes).includes('retention'));
  assert.deepEqual(decodeServingState(bytes), { ...state, live: { ...former, retention: null } });
});
