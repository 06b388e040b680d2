import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANY, wholeNumber } from './number-option.ts';

test('digits of a whole number between both ends, and nothing else', () => {
  const port = wholeNumber(0, 65_535);
  assert.deepEqual(['0', '1', '65535'].map(port), [0, 1, 65_535]);
  for (const text of ['', '65536', '-1', '01', '1.0', '1e3', ' 1', '٣'])
    assert.throws(() => port(text), { message: 'expected a whole number from 0 to 65535' }, text);
  assert.equal(wholeNumber(1, ANY)('9007199254740991'), 9_007_199_254_740_991);
  for (const text of ['0', '9007199254740992', '99999999999999999999'])
    assert.throws(() => wholeNumber(1, ANY)(text), { message: 'expected a whole number from 1 on' }, text);
});
