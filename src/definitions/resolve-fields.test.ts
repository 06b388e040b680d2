import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefaultInput } from '../../schemas/fields.ts';
import type { DataType, Value } from '../../schemas/types.ts';
import { Mistakes, type Place } from './mistakes.ts';
import { defaultValue } from './resolve-fields.ts';

const PLACE: Place = { file: 'f', path: [], object: null, locate: () => null };

function read(type: DataType, input: DefaultInput): Value | Error {
  const mistakes = new Mistakes();
  const value = defaultValue(input, type, PLACE, mistakes);
  return mistakes.count === 0 ? value : new Error();
}

const SOUND: readonly [DataType, DefaultInput, Value][] = [
  ['bool', false, false],
  ['int32', -2147483648, -2147483648],
  ['int64', 5, 5n],
  ['int64', '9223372036854775807', 9223372036854775807n],
  ['int64', -9223372036854775808n, -9223372036854775808n],
  ['float32', 0.1, 0.1],
  ['float64', 3, 3],
  ['float64', -0, 0],
  ['string', '', ''],
  ['timestamp', '2026-01-08T01:00:00+01:00', 1767830400000000n],
  ['bytes', 'AQI=', new Uint8Array([1, 2])],
  ['bytes', new Uint8Array([3]), new Uint8Array([3])],
  ['list<int64>', [1, null, '2'], [1n, null, 2n]],
  ['list<string>', [], []],
  ['vector<float32,2>', [1, 2.5], [1, 2.5]],
  ['string', null, null],
];

const UNSOUND: readonly [DataType, DefaultInput][] = [
  ['bool', 'true'],
  ['int32', 2147483648],
  ['int32', 1.5],
  ['int32', '1'],
  ['int64', 2 ** 53],
  ['int64', '9223372036854775808'],
  ['int64', '1.0'],
  ['float32', 1e39],
  ['float64', Number.POSITIVE_INFINITY],
  ['float64', '1'],
  ['string', 1],
  ['timestamp', 1767830400],
  ['timestamp', '2026-02-30T00:00:00Z'],
  ['bytes', 'no base64'],
  ['list<int64>', ['x']],
  ['list<int64>', 1],
  ['vector<float32,2>', [1]],
  ['vector<float32,2>', [1, null]],
];

test('defaults of the type are read', () => {
  for (const [type, input, value] of SOUND) assert.deepEqual(read(type, input), value, `${type} ${String(input)}`);
});

test('defaults of another type are mistakes', () => {
  for (const [type, input] of UNSOUND) assert.ok(read(type, input) instanceof Error, `${type} ${String(input)}`);
});
