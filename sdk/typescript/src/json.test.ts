import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, stringifyJson } from './json.ts';

const TEXTS: readonly (readonly [string, unknown])[] = [
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-9007199254740993', -9_007_199_254_740_993n],
  ['9007199254740991', 9_007_199_254_740_991],
  ['-9223372036854775808', -9_223_372_036_854_775_808n],
  ['0.12345678901234566', 0.12345678901234566],
  ['1234567890123456789.5', Number('1234567890123456789.5')],
  ['12345678901234567e3', Number('12345678901234567e3')],
  ['[1,"9007199254740993",9007199254740993]', [1, '9007199254740993', 9_007_199_254_740_993n]],
  ['{"a\\"9007199254740993":9007199254740993}', { 'a"9007199254740993': 9_007_199_254_740_993n }],
  ['["\\\\",9007199254740993,"\\\\\\" 9007199254740993"]', ['\\', 9_007_199_254_740_993n, '\\" 9007199254740993']],
  ['{"9007199254740993":[9007199254740993 , null]}', { '9007199254740993': [9_007_199_254_740_993n, null] }],
];

for (const withSource of [true, false]) {
  const how = withSource ? 'with the source text' : 'with marks';
  test(`integers keep their digits, ${how}`, () => {
    for (const [text, value] of TEXTS) assert.deepEqual(parseJson(text, withSource), value, text);
  });

  test(`what is no JSON is refused, ${how}`, () => {
    for (const text of ['', '9007199254740993 1', '["9007199254740993', '{"a":9007199254740993', '-9007199254740993-'])
      assert.throws(() => parseJson(text, withSource), SyntaxError, text);
  });

  test(`what is written is read again, ${how}`, () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .filter((number) => !Object.is(number, -0) && beyondDoubt(number)),
        fc
          .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
          .filter((integer) => !Number.isSafeInteger(Number(integer))),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(
          fc.string().filter((name) => name !== '__proto__'),
          tie('any'),
          { noNullPrototype: true },
        ),
      ),
    })).any;
    fc.assert(fc.property(value, (item) => assert.deepEqual(parseJson(stringifyJson(item), withSource), item)));
  });
}

/** A double of 16 digits that is an integer is written as one, and read as the integer that it is. */
const beyondDoubt = (number: number): boolean =>
  !Number.isInteger(number) || Number.isSafeInteger(number) || Math.abs(number) >= 1e21;

test('a bigint is written as a number, wherever it stands', () => {
  const value = { a: [1n, { b: 2n ** 63n - 1n }], c: 'int64-:5', d: new Date(0), e: undefined };
  assert.equal(
    stringifyJson(value),
    '{"a":[1,{"b":9223372036854775807}],"c":"int64-:5","d":"1970-01-01T00:00:00.000Z"}',
  );
});

test('regression: a NaN is refused, and never sent as null, which would be another key or label', () => {
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.throws(() => stringifyJson({ entities: [{ user_id: number }] }), /TypeError: user_id: found/);
});
