import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseByteRange } from './byte-range.ts';

test('one range of bytes', () => {
  const cases: Readonly<Record<string, readonly [number, number] | 'unsatisfiable' | null>> = {
    'bytes=0-0': [0, 0],
    'bytes=0-9': [0, 9],
    'bytes=0-100': [0, 9],
    'bytes=3-': [3, 9],
    'bytes=-1': [9, 9],
    'bytes=-10': [0, 9],
    'bytes=-99': [0, 9],
    'BYTES = 2-3': [2, 3],
    'bytes=10-': 'unsatisfiable',
    'bytes=10-12': 'unsatisfiable',
    'bytes=-0': 'unsatisfiable',
    'bytes=3-2': null,
    'bytes=1-2,4-5': null,
    'bytes=1-2,': null,
    'bytes=-': null,
    'bytes=+1-2': null,
    'bytes=1.5-2': null,
    'items=0-1': null,
    '': null,
  };
  for (const [header, expected] of Object.entries(cases)) {
    const range =
      expected === null || expected === 'unsatisfiable' ? expected : { first: expected[0], last: expected[1] };
    assert.deepEqual(parseByteRange(header, 10), range, header);
  }
  assert.equal(parseByteRange(undefined, 10), null);
});

test('of nothing every range is unsatisfiable', () => {
  for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) assert.equal(parseByteRange(header, 0), 'unsatisfiable');
});
