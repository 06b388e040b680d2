import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText, shortDurationText, sizeText } from './units.ts';

test('durations, at the edges of their units', () => {
  const texts = [0, 0.04, 1.5, 59.94, 59.95, 60, 65.4, 3599.4, 3599.6, 3600, 7620, 360_000].map(durationText);
  const below = ['0.0 s', '0.0 s', '1.5 s', '59.9 s', '1 min 00 s', '1 min 00 s', '1 min 05 s', '59 min 59 s'];
  assert.deepEqual(texts, [...below, '1 h 00 min', '1 h 00 min', '2 h 07 min', '100 h 00 min']);
});

test('sizes, at the edges of their units', () => {
  const texts = [0, 1023, 1024, 1536, 1024 ** 2 - 1, 1024 ** 2, 1.5 * 1024 ** 3, 2000 * 1024 ** 4].map(sizeText);
  assert.deepEqual(texts, ['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '1.0 MiB', '1.0 MiB', '1.5 GiB', '2000.0 TiB']);
});

test('short durations, down to milliseconds', () => {
  assert.deepEqual([0, 0.0004, 0.012, 0.099, 0.0995, 65.4].map(shortDurationText), [
    ...['0 ms', '0 ms', '12 ms', '99 ms'],
    ...['0.1 s', '1 min 05 s'],
  ]);
});
