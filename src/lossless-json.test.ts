import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlumbError } from '../schemas/errors.ts';
import { type JsonLimits, NO_LIMITS } from './json-limits.ts';
import { parseJson, parseJsonInTurns } from './lossless-json.ts';

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

const refusal = (text: string, limits: JsonLimits = LIMITS): Promise<PlumbError> =>
  parseJsonInTurns(text, 'the body', limits).then(
    () => assert.fail('it was read'),
    (error: PlumbError) => error,
  );
const LIMITS: JsonLimits = { depth: 5, names: 3, values: 10, nameCharacters: 4, textCharacters: 6 };

test('a name that stands twice in one object is refused, escaped or not', async () => {
  for (const text of ['{"a":1,"b":2,"a":1}', String.raw`{"a":1,"\u0061":2}`, '{"x":{"__proto__":1,"__proto__":2}}'])
    assert.match(
      (await refusal(text, NO_LIMITS)).message,
      /^the body: the name "\w+" stands twice in one object at line 1/,
    );
  assert.deepEqual(parseJson('[{"a":1},{"a":{"a":2}}]', 'x'), [{ a: 1 }, { a: { a: 2 } }]);
});

test('a fraction that a double rounds to a whole number is refused', async () => {
  for (const number of ['1.0000000000000000001', '0.99999999999999999999', '-1e-400', '12345678901234567890e-30'])
    if (Number.isInteger(Number(number)))
      assert.match((await refusal(`[${number}]`)).message, /the number ".*" is none that a double can hold/);
  const exact =
    '[1.0000000000000000000, 1e3, 1.5e1, 100000000000000000000e-20, 0.1000000000000000055511151231257827, 0e-9]';
  assert.deepEqual(parseJson(exact, 'x'), [1, 1000, 15, 1, 0.1, 0]);
});

test('regression: a number beyond all doubles is refused', async () => {
  for (const number of ['1e400', '-1.5e309']) assert.match((await refusal(`{"a":${number}}`)).message, /is none that/);
  assert.deepEqual(parseJson(`[1e308, 1${'0'.repeat(400)}]`, 'x'), [1e308, 10n ** 400n]);
});

test('__proto__ is a name as any other', () => {
  const read = parseJson('{"__proto__":{"service":"s"},"a":1}', 'x') as { readonly [name: string]: unknown };
  assert.deepEqual(Object.keys(read), ['__proto__', 'a']);
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
  assert.equal(read.service, undefined);
});

const TOO_LARGE: readonly (readonly [string, string, RegExp])[] = [
  [
    'a number of millions of digits',
    '9'.repeat(16_000_000),
    /more than 1100 characters in one number at line 1, column 1$/,
  ],
  ['a long name', `{"${'a'.repeat(5)}":1}`, /more than 4 characters in one name at line 1, column 2$/],
  ['a long text', `["${'a'.repeat(7)}"]`, /more than 6 characters in one text at line 1, column 2$/],
  ['many names', '{"a":1,"b":2,"c":3,"d":4}', /more than 3 names in one object/],
  ['many values', `[${'0,'.repeat(10)}0]`, /more than 10 values/],
  ['deep nesting', '['.repeat(8_000_000), /more than 5 levels of lists and objects at line 1, column 6$/],
];
for (const [what, text, message] of TOO_LARGE) {
  test(`${what}: refused before it is looked at`, async () => {
    const startedMillis = performance.now();
    const { code, message: told } = await refusal(text);
    assert.equal(code, 'TOO_LARGE');
    assert.match(told, message);
    assert.ok(performance.now() - startedMillis < 1000);
  });
}

const withDoubles = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)));

test('what JSON.parse reads is read alike, and what it refuses is refused', () => {
  fc.assert(
    fc.property(fc.json(), (text) =>
      assert.deepEqual(withDoubles(parseJson(text, 'x')), withDoubles(JSON.parse(text))),
    ),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,"\\u0019.eE-+ truefalsn\n\t') }), (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (!isJson) assert.throws(() => parseJson(text, 'x'), PlumbError);
    }),
    { numRuns: 5000 },
  );
});
