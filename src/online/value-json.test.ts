import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataType, Value } from '../../schemas/types.ts';
import { int64Quotes, textReader, valueText } from './value-json.ts';

const text = (type: DataType, value: Value): string => Buffer.from(valueText(type, value)).toString();

const cases: readonly (readonly [DataType, Value, string])[] = [
  ['bool', true, 'true'],
  ['bool', false, 'false'],
  ['int32', -7, '-7'],
  ['int32', -2_147_483_648, '-2147483648'],
  ['int64', 9_223_372_036_854_775_807n, '9223372036854775807'],
  ['float32', 0.1, '0.1'],
  ['float64', 1e21, '1e+21'],
  ['float64', 5e-324, '5e-324'],
  ['float64', -0, '0'],
  ['float64', -19.9, '-19.9'],
  ['float64', -19.09, '-19.09'],
  ['float64', 0.05, '0.05'],
  ['float64', 1_234_567.5, '1234567.5'],
  ['int64', -9_007_199_254_740_993n, '-9007199254740993'],
  ['int64', 0n, '0'],
  ['float64', Number.NaN, 'null'],
  ['string', '"\n\u2028é\ud83d\ude00', JSON.stringify('"\n\u2028é\ud83d\ude00')],
  ['string', '\ud800', '"\\ud800"'],
  ['timestamp', 1_772_323_200_000_001n, '"2026-03-01T00:00:00.000001Z"'],
  ['bytes', new Uint8Array([1, 2]), '"AQI="'],
  ['list<int64>', [1n, null, 2n], '[1,null,2]'],
  ['list<string>', [], '[]'],
  ['list<timestamp>', [0n], '["1970-01-01T00:00:00Z"]'],
  ['list<bytes>', [new Uint8Array([1]), null], '["AQ==",null]'],
  ['vector<float32,2>', [0.1, 2], '[0.1,2]'],
  [
    'map<string,int64>',
    [
      ['10', 9_223_372_036_854_775_807n],
      ['2', null],
      ['"é,}', 0n],
    ],
    '{"10":9223372036854775807,"2":null,"\\"é,}":0}',
  ],
  [
    'map<string,string>',
    [
      ['', ',"}'],
      ['__proto__', '\\'],
    ],
    '{"":",\\"}","__proto__":"\\\\"}',
  ],
  ['map<string,timestamp>', [['a', 0n]], '{"a":"1970-01-01T00:00:00Z"}'],
  ['map<string,bool>', [], '{}'],
  ['struct<item:int64,price:float64>', [9_007_199_254_740_993n, 0.5], '{"item":9007199254740993,"price":0.5}'],
  ['struct<a:string,b:bytes,c:bool>', ['x,"y"', new Uint8Array([1]), null], '{"a":"x,\\"y\\"","b":"AQ==","c":null}'],
  ['struct<a:int32>', [null], '{"a":null}'],
];

for (const [type, value, expected] of cases) {
  test(`writes ${type} as ${expected}, and reads it; null as null`, () => {
    assert.equal(text(type, value), expected);
    assert.equal(text(type, null), 'null');
    if (expected !== 'null') assert.deepEqual(textReader(type)(expected), Object.is(value, -0) ? 0 : value);
  });
}

const wrong: readonly (readonly [DataType, string])[] = [
  ['bool', '1'],
  ['int32', '"1"'],
  ['int64', '1.5'],
  ['int64', ''],
  ['int64', '9223372036854775808'],
  ['float64', 'null'],
  ['float64', '1,2'],
  ['string', 'a'],
  ['timestamp', '"soon"'],
  ['bytes', '1'],
  ['list<int64>', '[1'],
  ['list<string>', '"a"'],
  ['list<float64>', '["a"]'],
  ['map<string,int64>', '{"a":1'],
  ['map<string,int64>', '{"a" 1}'],
  ['map<string,int64>', '{"a":1.5}'],
  ['map<string,int64>', '[]'],
  ['struct<a:int64>', '{"b":1}'],
  ['struct<a:int64>', '{}'],
];

for (const [type, bad] of wrong) {
  test(`${bad} is no ${type}`, () => {
    assert.throws(() => textReader(type)(bad), SyntaxError);
  });
}

test('int64 as text where that is asked for, in lists too; null stays null', () => {
  const quoted = (type: DataType, text: string): string | undefined => int64Quotes(type)?.(text);
  assert.equal(quoted('int64', '5'), '"5"');
  assert.equal(quoted('int64', '-9223372036854775808'), '"-9223372036854775808"');
  assert.equal(quoted('list<int64>', '[5,null,-6]'), '["5",null,"-6"]');
  assert.equal(quoted('list<int64>', '[]'), '[]');
  assert.equal(quoted('int64', 'null'), 'null');
  assert.equal(quoted('map<string,int64>', '{"7":5,"a\\"8,":null}'), '{"7":"5","a\\"8,":null}');
  assert.equal(quoted('map<string,int64>', '{}'), '{}');
  assert.equal(quoted('struct<a:int64,b:float64,c:int64>', '{"a":1,"b":2,"c":null}'), '{"a":"1","b":2,"c":null}');
  assert.equal(quoted('struct<a:int64>', 'null'), 'null');
  for (const type of ['int32', 'list<float64>', 'map<string,float64>', 'struct<a:int32>'] as const)
    assert.equal(int64Quotes(type), null);
});

test('regression: the text of a constant keeps its own bytes only, no slab', () => {
  const texts = [valueText('int64', 5n), valueText('string', 'a'), valueText('float64', null)];
  assert.deepEqual(
    texts.map((text) => Buffer.from(text).toString()),
    ['5', '"a"', 'null'],
  );
  assert.deepEqual(
    texts.map((text) => text.buffer.byteLength),
    [1, 3, 4],
  );
});
