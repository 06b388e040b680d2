import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JoinKeyType, Value } from '../../schemas/types.ts';
import { encoderFor } from './entity-key.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const encode = (entities: readonly string[], ...keys: readonly (readonly [JoinKeyType, Value])[]): string =>
  hex(
    encoderFor(
      entities,
      keys.map(([type]) => ({ type })),
    ).encode(keys.map(([, value]) => value)),
  );

const values: Readonly<Record<JoinKeyType, fc.Arbitrary<Value>>> = {
  string: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', 'ÿ'), maxLength: 4 }),
  ),
  bool: fc.boolean(),
  int32: fc.oneof(fc.integer(), fc.integer({ min: -2, max: 2 })),
  int64: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -2n, max: 2n })),
};
const key = fc
  .constantFrom<JoinKeyType>('string', 'bool', 'int32', 'int64')
  .chain((type) => values[type].map((value) => [type, value] as const));
const entities = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\0'), maxLength: 3 }), {
  minLength: 1,
  maxLength: 2,
});
const entityKey = fc.record({ entities, keys: fc.array(key, { minLength: 1, maxLength: 3 }) });

describe('entity keys', () => {
  test('golden bytes', () => {
    assert.equal(encode(['user'], ['int64', 1n]), '017573657200048000000000000001');
    assert.equal(encode(['user'], ['int32', -1]), '017573657200037fffffff');
    assert.equal(encode([]), '07');
    assert.equal(encode(['a', 'b'], ['string', 'x\0é'], ['bool', true]), '01610001620002' + '7800ffc3a900' + '06');
  });

  test('a safe int64 has the same bytes as a number and as a bigint', () => {
    const safe = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(2 ** 32, -(2 ** 32), 2 ** 31),
    );
    fc.assert(
      fc.property(safe, (value) =>
        assert.equal(encode(['u'], ['int64', value]), encode(['u'], ['int64', BigInt(value)])),
      ),
    );
  });

  test('different entities, types or values never meet', () => {
    fc.assert(
      fc.property(entityKey, entityKey, (left, right) => {
        const same = JSON.stringify(left, bigints) === JSON.stringify(right, bigints);
        assert.equal(encode(left.entities, ...left.keys) === encode(right.entities, ...right.keys), same);
      }),
      { numRuns: 5_000 },
    );
  });

  test('neighbours do not run into each other', () => {
    assert.notEqual(encode(['e'], ['string', 'ab'], ['string', 'c']), encode(['e'], ['string', 'a'], ['string', 'bc']));
    assert.notEqual(encode(['e'], ['string', '1']), encode(['e'], ['int32', 1]));
    assert.notEqual(encode(['e'], ['int32', 1]), encode(['e'], ['int64', 1n]));
    assert.notEqual(encode(['ab'], ['bool', true]), encode(['a', 'b'], ['bool', true]));
  });

  for (const type of ['string', 'bool', 'int32', 'int64'] as const) {
    test(`the bytes of ${type} keys are in the order of the values`, () => {
      fc.assert(
        fc.property(values[type], values[type], (left, right) => {
          const order = Math.sign(
            Buffer.compare(
              Buffer.from(encode(['e'], [type, left]), 'hex'),
              Buffer.from(encode(['e'], [type, right]), 'hex'),
            ),
          );
          assert.equal(order, compare(left, right));
        }),
        { numRuns: 2_000 },
      );
    });
  }

  test('rows of columns encode as their values do, also when they outgrow a slab', () => {
    const encoder = encoderFor(['e'], [{ type: 'string' }, { type: 'int64' }]);
    const columns = [
      ['a', 'b'.repeat(100_000), 'c'],
      [1n, 2n, 3n],
    ];
    for (const row of [0, 1, 2]) {
      const values = columns.map((column) => column[row] as Value);
      assert.deepEqual(encoder.encodeRow(columns, row), encoder.encode(values));
    }
  });

  test('a key stays as it is when later ones are encoded', () => {
    const encoder = encoderFor(['e'], [{ type: 'int64' }]);
    const first = encoder.encode([7n]);
    const before = hex(first);
    for (let value = 0n; value < 20_000n; value += 1n) encoder.encode([value]);
    assert.equal(hex(first), before);
  });
});

const bigints = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);

function compare(left: Value, right: Value): number {
  if (typeof left === 'string') return Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right as string)));
  const [a, b] = [left as number | bigint | boolean, right as number | bigint | boolean];
  return a < b ? -1 : a > b ? 1 : 0;
}
