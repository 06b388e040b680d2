import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PlumbError } from '../../schemas/errors.ts';
import type { DataType, ScalarType, Value } from '../../schemas/types.ts';
import { shortestFloat32 } from '../float32.ts';
import { compileRowCodec, type PackedRow, type RowSchema } from './row-codec.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const scalars: Readonly<Record<ScalarType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int32: fc.integer(),
  int64,
  float32: fc.float({ noNaN: true, noDefaultInfinity: true }).map(shortestFloat32),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  string: fc.string({ unit: 'binary' }),
  timestamp: int64,
  bytes: fc.uint8Array(),
};
const scalarType = fc.constantFrom(...(Object.keys(scalars) as ScalarType[]));
const orNull = (value: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof(fc.constant(null), { weight: 3, arbitrary: value });

interface Typed {
  readonly type: DataType;
  readonly value: fc.Arbitrary<Value>;
}
const typed: fc.Arbitrary<Typed> = fc.oneof(
  scalarType.map((type): Typed => ({ type, value: scalars[type] })),
  scalarType.map(
    (type): Typed => ({ type: `list<${type}>`, value: fc.array(orNull(scalars[type]), { maxLength: 20 }) }),
  ),
  fc.integer({ min: 1, max: 40 }).map(
    (length): Typed => ({
      type: `vector<float32,${length}>`,
      value: fc.array(scalars.float32, { minLength: length, maxLength: length }),
    }),
  ),
);

interface World {
  readonly schema: RowSchema;
  readonly row: PackedRow;
}
const world: fc.Arbitrary<World> = fc.array(typed, { maxLength: 20 }).chain((columns) =>
  fc.record({
    schema: fc.constant(columns.map(({ type }, index) => ({ name: `f${index}`, type }))),
    row: fc.record({
      eventMicros: fc.option(int64),
      createdMicros: fc.option(int64),
      token: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      values: fc.tuple(...columns.map(({ value }) => orNull(value))),
      invalid: fc.option(fc.tuple(...columns.map(() => fc.boolean()))),
    }),
  }),
);

const EMPTY = { eventMicros: null, createdMicros: null, token: 0n, invalid: null };
const isCorrupt = (error: unknown): boolean => error instanceof PlumbError && error.code === 'STORAGE_CORRUPT';
const normal = (row: PackedRow): PackedRow => ({
  ...row,
  invalid: row.invalid?.includes(true) === true ? row.invalid : null,
});

describe('row codec', () => {
  test('golden bytes of version 1', () => {
    const codec = compileRowCodec([
      { name: 'country', type: 'string' },
      { name: 'price', type: 'float64' },
      { name: 'adult', type: 'bool' },
      { name: 'tags', type: 'list<string>' },
      { name: 'score', type: 'float32' },
      { name: 'clicks', type: 'int64' },
    ]);
    const row = codec.encode({
      eventMicros: 1n,
      createdMicros: null,
      token: 7n,
      values: ['US', 1.5, true, ['a', null], null, null],
      invalid: [false, false, false, false, false, true],
    });
    const expected = [
      '01 05 dc064e40c71f',
      '0100000000000000 0000000000000000 0700000000000000',
      '30 20',
      '02000000 000000000000f83f 01 10000000 00000000 0000000000000000',
      '5553 02000000 02 01000000 61 00000000',
    ];
    assert.equal(Buffer.from(row).toString('hex'), expected.join('').replaceAll(' ', ''));
  });

  test('what is written is read', () => {
    fc.assert(
      fc.property(world, ({ schema, row }) => {
        const codec = compileRowCodec(schema);
        assert.deepStrictEqual(codec.decode(codec.encode(row)), normal(row));
      }),
      { numRuns: 2_000 },
    );
  });

  test('columns encode to the same bytes as rows', () => {
    fc.assert(
      fc.property(world, ({ schema, row }) => {
        const codec = compileRowCodec(schema);
        const values = row.values.map((value) => [null, value]);
        const invalid = row.values.map((_value, feature) =>
          row.invalid === null ? null : [false, row.invalid[feature] === true],
        );
        assert.deepStrictEqual(codec.encodeColumns(row, values, invalid, 1), codec.encode(row));
      }),
      { numRuns: 500 },
    );
  });

  test('a row of another schema is refused: types, names and their order count', () => {
    const [a, b] = [
      { name: 'a', type: 'float64' },
      { name: 'b', type: 'float64' },
    ] as const;
    const row = compileRowCodec([a, b]).encode({ ...EMPTY, values: [1, 2] });
    for (const other of [
      [b, a],
      [a],
      [a, { name: 'b', type: 'int64' }],
      [a, { name: 'c', type: 'float64' }],
      [],
    ] as RowSchema[]) {
      assert.throws(() => compileRowCodec(other).decode(row), isCorrupt);
    }
  });

  test('another format version is refused', () => {
    const codec = compileRowCodec([{ name: 'a', type: 'bool' }]);
    const row = codec.encode({ ...EMPTY, values: [true] });
    row[0] = 2;
    assert.throws(() => codec.decode(row), isCorrupt);
  });

  test('a row that was cut, or that has bytes left over, is refused', () => {
    fc.assert(
      fc.property(world, fc.nat(), ({ schema, row }, seed) => {
        const codec = compileRowCodec(schema);
        const bytes = codec.encode(row);
        assert.throws(() => codec.decode(bytes.slice(0, seed % bytes.length)), isCorrupt);
        assert.throws(() => codec.decode(Buffer.concat([bytes, Buffer.alloc(1)])), isCorrupt);
      }),
      { numRuns: 1_000 },
    );
  });

  test('changed bytes never make anything but a row or STORAGE_CORRUPT', () => {
    fc.assert(
      fc.property(world, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ schema, row }, place, flip) => {
        const codec = compileRowCodec(schema);
        const bytes = codec.encode(row);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] as number) ^ flip;
        try {
          codec.decode(bytes);
        } catch (error) {
          assert.ok(isCorrupt(error), String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('rows stay as they are when later ones are encoded, also beyond a slab', () => {
    const codec = compileRowCodec([
      { name: 'a', type: 'string' },
      { name: 'b', type: 'list<string>' },
    ]);
    const texts = Array.from({ length: 300 }, (_value, index) => 'x'.repeat(index * 11));
    const rows = texts.map((text) => codec.encode({ ...EMPTY, values: [text, [text, null, 'é']] }));
    assert.deepEqual(
      rows.map((row) => codec.decode(row).values),
      texts.map((text) => [text, [text, null, 'é']]),
    );
  });

  test('float32 values are read with their shortest digits', () => {
    const codec = compileRowCodec([
      { name: 'a', type: 'float32' },
      { name: 'b', type: 'vector<float32,2>' },
    ]);
    assert.deepEqual(
      codec.decode(codec.encode({ ...EMPTY, values: [Math.fround(0.1), [0.1, Math.fround(0.2)]] })).values,
      [0.1, [0.1, 0.2]],
    );
  });
});
