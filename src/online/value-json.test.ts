import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataType, Value } from '../../schemas/types.ts';
import { type Int64Form, jsonConverter } from './value-json.ts';

const text = (type: DataType, value: Value, int64: Int64Form = 'number'): string =>
  JSON.stringify(jsonConverter(type, int64)?.(value) ?? value);

const cases: readonly (readonly [DataType, Value, string])[] = [
  ['bool', true, 'true'],
  ['bool', false, 'false'],
  ['int32', -7, '-7'],
  ['int64', 9_223_372_036_854_775_807n, '9223372036854775807'],
  ['float32', 0.1, '0.1'],
  ['float64', 1e21, '1e+21'],
  ['float64', -0, '0'],
  ['int64', -9_007_199_254_740_993n, '-9007199254740993'],
  ['int64', 0n, '0'],
  ['float64', Number.NaN, 'null'],
  ['string', '"\n\u2028é\ud83d\ude00', JSON.stringify('"\n\u2028é\ud83d\ude00')],
  ['timestamp', 1_772_323_200_000_001n, '"2026-03-01T00:00:00.000001Z"'],
  ['bytes', new Uint8Array([1, 2]), '"AQI="'],
  ['list<int64>', [1n, null, 2n], '[1,null,2]'],
  ['list<string>', [], '[]'],
  ['list<timestamp>', [0n], '["1970-01-01T00:00:00Z"]'],
  ['vector<float32,2>', [0.1, 2], '[0.1,2]'],
];

for (const [type, value, expected] of cases) {
  test(`writes ${type} as ${expected}; null as null`, () => {
    assert.equal(text(type, value), expected);
    assert.equal(text(type, null), 'null');
  });
}

test('int64 as text where that is asked for, in lists too; int32 stays a number', () => {
  assert.equal(text('int64', 5n, 'string'), '"5"');
  assert.equal(text('list<int64>', [5n, null], 'string'), '["5",null]');
  assert.equal(text('int32', 5, 'string'), '5');
});
