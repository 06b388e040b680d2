import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlumbError } from '../../schemas/errors.ts';
import { decode, encode, type Json } from './catalog-json.ts';

const throughText = (value: unknown): unknown => {
  const json: Json = JSON.parse(JSON.stringify(encode(value)));
  return decode(json);
};

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.bigInt(),
  fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
);
const key = fc.oneof(
  fc.string(),
  fc.constantFrom('$int', '$map', '$bytes', '$object', '$', '__proto__', 'constructor'),
);
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
}));

test('any plain data comes back as it was', () => {
  fc.assert(
    fc.property(data.value, (value) => assert.deepEqual(throughText(value), value)),
    { numRuns: 1000 },
  );
});

test('the forms are as documented', () => {
  const map = new Map<string, unknown>([['k', 1n]]);
  assert.deepEqual(encode({ int: 2n ** 63n - 1n, bytes: new Uint8Array([1, 2]), map, odd: { $int: 'x' } }), {
    int: { $int: '9223372036854775807' },
    bytes: { $bytes: 'AQI=' },
    map: { $map: [['k', { $int: '1' }]] },
    odd: { $object: [['$int', 'x']] },
  });
});

test('objects and lists come back frozen', () => {
  const value = throughText({ a: [{ b: 1 }] });
  assert.ok(Object.isFrozen(value));
  assert.ok(Object.isFrozen(Reflect.get(Object(value), 'a')));
});

test('what is no plain data is refused', () => {
  for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, { a: undefined }, [() => 1]]) {
    assert.throws(() => encode(value), PlumbError);
  }
});

test('what encode never answers is corrupt', () => {
  for (const json of [
    { $int: 1 },
    { $int: 'x' },
    { $what: 1 },
    { $map: 1 },
    { $map: [[1, 2]] },
    { $object: [['a']] },
  ]) {
    assert.throws(
      () => decode(json),
      (error) => error instanceof PlumbError && error.code === 'STORAGE_CORRUPT',
    );
  }
});
