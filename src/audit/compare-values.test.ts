import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataType, Status, Value } from '../../schemas/types.ts';
import { compareValues } from './compare-values.ts';

const isEqual = (type: DataType, training: Value, serving: Value, tolerance = 0, status: Status = 'PRESENT'): boolean =>
  compareValues(type, { value: training, status: 'PRESENT', tolerance }, { value: serving, status }).isEqual;

test('values of every type', () => {
  assert.ok(isEqual('int64', 2n ** 60n, 2n ** 60n) && !isEqual('int64', 2n ** 60n, 2n ** 60n + 1n));
  assert.ok(isEqual('string', 'a', 'a') && !isEqual('string', 'a', null) && isEqual('string', null, null));
  assert.ok(
    isEqual('bytes', Uint8Array.of(1), Uint8Array.of(1)) && !isEqual('bytes', Uint8Array.of(1), Uint8Array.of(2)),
  );
  assert.ok(isEqual('list<int64>', [1n, null], [1n, null]) && !isEqual('list<int64>', [1n], [1n, null]));
  assert.ok(isEqual('float32', Math.fround(0.1), 0.1) && !isEqual('float64', Math.fround(0.1), 0.1));
});

test('a tolerance is for two numbers; a status has none', () => {
  assert.ok(
    isEqual('float64', 1, 1.001, 0.01) && !isEqual('float64', 1, 1.1, 0.01) && !isEqual('float64', 1, null, 0.01),
  );
  assert.ok(!isEqual('float64', 1, 1, 0, 'NOT_FOUND'));
});

test('where terms overflow float64 anything goes, but no other type', () => {
  assert.ok(isEqual('float64', null, 1e308, Number.POSITIVE_INFINITY));
  assert.ok(isEqual('float64', 1e308, null, Number.POSITIVE_INFINITY, 'NULL_VALUE'));
});

test('the distance of two numbers is told, equal or not', () => {
  const served = { value: 5n, status: 'PRESENT' } as const;
  assert.equal(compareValues('int64', { value: 3n, status: 'PRESENT', tolerance: 0 }, served).distance, 2);
  assert.equal(compareValues('int64', { value: null, status: 'PRESENT', tolerance: 0 }, served).distance, null);
});
