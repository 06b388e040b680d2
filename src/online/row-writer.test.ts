import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encoderFor } from './entity-key.ts';
import { compileRowCodec } from './row-codec.ts';
import { compileRowWriter } from './row-writer.ts';

const features = [
  { name: 'country', type: 'string', default: null, emptyValue: null },
  { name: 'total', type: 'int64', default: null, emptyValue: null },
] as const;
const joinKeys = [
  { name: 'user_id', type: 'int64' },
  { name: 'site', type: 'string' },
] as const;

test('columns become one write per row: values, invalid ones, nulls and tombstones', () => {
  const generation = { entities: ['user', 'site'], joinKeys, features, kind: 'row', ttlMicros: null } as const;
  const write = compileRowWriter({ ...generation, watermarkMicros: 100n, retention: null }, 1n);
  const writes = write({
    rowCount: 3,
    keys: [
      [1n, 2n, 3n],
      ['a', 'b', 'c'],
    ],
    eventMicros: [10n, null, null],
    createdMicros: [null, 20n, null],
    values: [
      ['US', null, null],
      [5n, null, null],
    ],
    invalid: [null, [false, true, false]],
    tombstone: [false, false, true],
  });
  const encoder = encoderFor(['user', 'site'], joinKeys);
  const codec = compileRowCodec(features);
  assert.deepEqual(
    writes.map(({ entity }) => entity),
    [
      [1n, 'a'],
      [2n, 'b'],
      [3n, 'c'],
    ].map((keys) => encoder.encode(keys)),
  );
  assert.deepEqual(
    writes.map(({ row }) => (row === null ? null : codec.decode(row))),
    [
      { eventMicros: 10n, createdMicros: null, values: ['US', 5n], invalid: null },
      { eventMicros: null, createdMicros: 20n, values: [null, null], invalid: [false, true] },
      null,
    ],
  );
});

test('each write says how long it has to stay: rows by their need, tombstones for the grace period', () => {
  const retention = { longestWindowMicros: null, clockLeadMicros: 0n, filledAtMicros: 0n };
  const base = {
    entities: ['user'],
    joinKeys: joinKeys.slice(0, 1),
    features: [],
    watermarkMicros: 100_000n,
    retention,
  };
  const batch = {
    rowCount: 3,
    keys: [[1n, 2n, 3n]],
    eventMicros: [100_000n, 60_000n, null],
    createdMicros: [null, null, null],
    values: [],
    invalid: [],
    tombstone: [false, false, true],
  };
  const lives = (generation: Parameters<typeof compileRowWriter>[0]) =>
    compileRowWriter(generation, 5_000n)(batch).map(({ lifeMillis }) => lifeMillis);
  assert.deepEqual(lives({ ...base, kind: 'row', ttlMicros: 50_000n }), [56, 16, 6]);
  assert.deepEqual(lives({ ...base, kind: 'row', ttlMicros: null }), [null, null, null]);
  const window = { ...retention, longestWindowMicros: 70_000n };
  assert.deepEqual(lives({ ...base, kind: 'aggregate', ttlMicros: null, retention: window }), [76, 76, 6]);
});
