import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../schemas/errors.ts';
import { parseJson } from './lossless-json.ts';

test('integers keep all their digits', () => {
  const text = '{"a":9007199254740993,"b":-9223372036854775808,"c":[9007199254740991,1.5,1e3,"12345678901234567890"]}';
  assert.deepEqual(parseJson(text, 'x'), {
    a: 9007199254740993n,
    b: -9223372036854775808n,
    c: [9007199254740991, 1.5, 1000, '12345678901234567890'],
  });
});

test('numbers that are no integer literals stay doubles', () => {
  assert.deepEqual(parseJson('[1.0, 12345678901234567890.5, 1e20]', 'x'), [1, Number('12345678901234567890.5'), 1e20]);
});

test('a name that one object has twice is refused with its place; colons and escapes in text are none', () => {
  for (const [text, position] of [
    ['{"a":1,"a":2}', 7],
    ['{"x":[{"b":{},\n"b":1}]}', 15],
    ['{"a":1,"a":2,"b":"\\u003a"}', 7],
    ['{"a":1,"\\u0061":2}', 7],
    ['{"__proto__":1,"__proto__":2}', 15],
  ] as const)
    assert.throws(
      () => parseJson(text, 'the body'),
      (error: unknown) =>
        error instanceof PlumbError && error.code === 'INVALID_REQUEST' && error.details.position === position,
      text,
    );
  for (const text of ['{"a":":","b":{"a":"x:y"},"c:d":[{"a":1},{"a":2}]}', '{"a":"\\u003a","b":"\\"b\\":1"}', '":"'])
    assert.deepEqual(parseJson(text, 'the body'), JSON.parse(text));
  assert.doesNotThrow(() => parseJson(`${'['.repeat(5000)}{"a":1}${']'.repeat(5000)}`, 'the body'));
});

const MISTAKES: readonly (readonly [string, number])[] = [
  ['', 0],
  ['  ', 2],
  ['{', 1],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['{a:1}', 1],
  ['[1,2', 4],
  ['[1 2]', 3],
  ['[1,]', 3],
  ['{"a":tru}', 5],
  ['{"a":01}', 5],
  ['{"a":1}x', 7],
  ['"\n"', 0],
  ["{'a':1}", 1],
  ['[}', 1],
];
for (const [text, position] of MISTAKES) {
  test(`the mistake in ${JSON.stringify(text)} is found at ${position}`, () => {
    assert.throws(
      () => parseJson(text, 'the body'),
      (error: unknown) =>
        error instanceof PlumbError && error.code === 'INVALID_REQUEST' && error.details.position === position,
    );
  });
}

test('line and column count from 1', () => {
  assert.throws(
    () => parseJson('{\n  "a": nope\n}', 'the body'),
    /the body is not JSON: unexpected "nope.*" at line 2, column 8/,
  );
});
