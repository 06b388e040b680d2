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
  const write = compileRowWriter({ entities: ['user', 'site'], joinKeys, features });
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
