import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from './counted.ts';

test('counts with their noun', () => {
  assert.deepEqual(
    [0, 1, 12_345].map((value) => counted(value, 'row')),
    ['0 rows', '1 row', '12,345 rows'],
  );
});
