import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName, oneOf } from './nearest.ts';

test('the nearest name, where one is near', () => {
  const names = ['int32', 'int64', 'string', 'clicks', 'user_profile'];
  const cases: readonly [string, string | null][] = [
    ['int46', 'int64'],
    ['clikcs', 'clicks'],
    ['Clicks', 'clicks'],
    ['userprofle', 'user_profile'],
    ['usr', null],
    ['zzz', null],
    ['', null],
  ];
  for (const [found, expected] of cases) assert.equal(nearestName(found, names), expected, found);
});

test('long lists of names are cut', () => {
  assert.equal(oneOf([]), 'nothing');
  assert.equal(oneOf(['a']), 'a');
  assert.equal(oneOf(['a', 'b', 'c']), 'a, b or c');
  assert.equal(
    oneOf(Array.from({ length: 15 }, (_, i) => `n${i}`)),
    'n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11 or 3 more',
  );
});
