import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PlumbError } from '../../schemas/errors.ts';
import { shortestFloat32 } from '../../schemas/float32.ts';
import type { DataType, ScalarType, Value } from '../../schemas/types.ts';
import { ByteWriter } from '../byte-writer.ts';
import { compileRowCodec, type PackedRow, type RowSchema } from './row-codec.ts';
import { isInvalid, isNull, rowText, writeRowText } from './stored-row.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const scalars: Readonly<Record<ScalarType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  int32: fc.integer(),
  int64,
  float32: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => shortestFloat32(value) + 0),
  // -0 reads as 0.
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  // Also what has no UTF-8 form.
  string: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\ud800', 'a\udfff"'),
  ),
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
    schema: fc
      .tuple(...columns.map(({ value }) => orNull(value)))
      .map((defaults) =>
        columns.map(({ type }, index) => ({ name: `f${index}`, type, default: defaults[index] as Value })),
      ),
    row: fc.record({
      eventMicros: fc.option(int64),
      createdMicros: fc.option(int64),
      values: fc.tuple(...columns.map(({ value }) => orNull(value))),
      invalid: fc.option(fc.tuple(...columns.map(() => fc.boolean()))),
    }),
  }),
);

const EMPTY = { eventMicros: null, createdMicros: null, invalid: null };
const isCorrupt = (error: unknown): boolean => error instanceof PlumbError && error.code === 'STORAGE_CORRUPT';
/** What is invalid is null. */
const normal = (row: PackedRow): PackedRow => ({
  ...row,
  values: row.values.map((value, feature) => (row.invalid?.[feature] === true ? null : value)),
  invalid: row.invalid?.includes(true) === true ? row.invalid : null,
});
const feature = (name: string, type: DataType, byDefault: Value = null): RowSchema[number] => {
  return { name, type, default: byDefault };
};

describe('row codec', () => {
  test('golden bytes of version 2, part by part', () => {
    const codec = compileRowCodec([
      feature('country', 'string', '??'),
      feature('price', 'float64'),
      feature('adult', 'bool'),
      feature('tags', 'list<string>'),
      feature('score', 'float32', 0.5),
      feature('clicks', 'int64', 7n),
    ]);
    const row = codec.encode({
      eventMicros: 1n,
      createdMicros: null,
      values: ['US', 1.5, true, ['a', null], null, null],
      invalid: [false, false, false, false, false, true],
    });
    const expected = [
      '02 01 0d d03c4c8d54',
      '0100000000000000',
      '30 20',
      '04 08 0d 18 1c 21',
      Buffer.from('"US",1.5,true,["a",null],0.5,null').toString('hex'),
    ];
    assert.equal(Buffer.from(row).toString('hex'), expected.join('').replaceAll(' ', ''));
  });

  for (const { name, schema, row, hex } of goldenRows()) {
    test(`golden bytes of version 2: ${name}`, () => {
      const codec = compileRowCodec(schema);
      assert.equal(Buffer.from(codec.encode(row)).toString('hex'), hex);
      assert.deepStrictEqual(codec.decode(Buffer.from(hex, 'hex')), row);
    });
  }

  test('what is written is read', () => {
    fc.assert(
      fc.property(world, ({ schema, row }) => {
        const codec = compileRowCodec(schema);
        assert.deepStrictEqual(codec.decode(codec.encode(row)), normal(row));
      }),
      { numRuns: 2_000 },
    );
  });

  test('doubles side by side, which are written together, are read each', () => {
    const double = fc.oneof(
      fc.double(),
      fc.constantFrom(null, Number.NaN, 0, 1, 19.9, 1e21, 5e-324),
      fc.integer().map((value) => value / 100),
    );
    const byDefault = fc.constantFrom(null, null, null, 0.1);
    const columns = fc.array(fc.tuple(double, byDefault, fc.boolean()), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(columns, fc.boolean(), (cells, anyInvalid) => {
        const codec = compileRowCodec(cells.map(([, one], i) => feature(`f${i}`, 'float64', one)));
        const invalid = anyInvalid ? cells.map(([, , isBad]) => isBad) : null;
        const row = codec.open(codec.encode({ ...EMPTY, values: cells.map(([value]) => value), invalid }));
        for (const [i, [value, one, isBad]] of cells.entries()) {
          const isMissing = value === null || !Number.isFinite(value);
          const expected = anyInvalid && isBad ? null : isMissing ? one : value;
          assert.equal(rowText(row, i, i), JSON.stringify(expected));
          assert.equal(isInvalid(row, i), anyInvalid && isBad);
          assert.equal(isNull(row, i), isMissing || (anyInvalid && isBad));
        }
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
        assert.deepStrictEqual(codec.encodeColumns(row, { values, invalid }, 1), codec.encode(row));
      }),
      { numRuns: 500 },
    );
  });

  test('a row of another schema is refused: types, names, defaults and their order count', () => {
    const [a, b] = [feature('a', 'float64'), feature('b', 'float64')];
    const row = compileRowCodec([a, b]).encode({ ...EMPTY, values: [1, 2] });
    for (const other of [
      [b, a],
      [a],
      [a, feature('b', 'int64')],
      [a, feature('c', 'float64')],
      [a, feature('b', 'float64', 0)],
      [],
    ]) {
      assert.throws(() => compileRowCodec(other).decode(row), isCorrupt);
    }
  });

  test('another format version, kind or flag is refused, and version 1 is told what to do', () => {
    const codec = compileRowCodec([feature('a', 'bool')]);
    const changed = (offset: number, value: number): Uint8Array => {
      const row = codec.encode({ ...EMPTY, values: [true] });
      row[offset] = value;
      return row;
    };
    assert.throws(
      () => codec.open(changed(0, 1)),
      /found format version 1, expected 2\. Rebuild it with `plumb materialize --full`/,
    );
    for (const row of [changed(0, 1), changed(0, 3), changed(1, 2), changed(2, 128)]) {
      assert.throws(() => codec.open(row), isCorrupt);
      assert.throws(() => codec.decode(row), isCorrupt);
    }
  });

  test('non-finite numbers are null, -0 is 0', () => {
    const codec = compileRowCodec([feature('a', 'float64', 5), feature('b', 'float32'), feature('c', 'list<float64>')]);
    const values = [Number.NaN, Number.POSITIVE_INFINITY, [-0, Number.NaN]];
    assert.deepStrictEqual(codec.decode(codec.encode({ ...EMPTY, values })).values, [null, null, [0, null]]);
    assert.deepStrictEqual(codec.decode(codec.encode({ ...EMPTY, values: [-0, -0, []] })).values, [0, 0, []]);
  });

  test('the text of any neighbours can be read without decoding, also where ends are of 2 and 4 bytes', () => {
    for (const length of [10, 1_000, 70_000]) {
      const codec = compileRowCodec(['a', 'b', 'c'].map((name) => feature(name, 'string', 'né')));
      const row = codec.open(codec.encode({ ...EMPTY, values: ['é'.repeat(length), null, 'x'] }));
      assert.equal(rowText(row, 0, 0), `"${'é'.repeat(length)}"`);
      assert.equal(rowText(row, 1, 2), '"né","x"');
      assert.equal(rowText(row, 0, 2), `"${'é'.repeat(length)}","né","x"`);
      assert.deepEqual([isNull(row, 0), isNull(row, 1), isInvalid(row, 1)], [false, true, false]);
    }
  });

  test('ends that are no ends are refused', () => {
    const codec = compileRowCodec([feature('a', 'bool'), feature('b', 'bool'), feature('c', 'bool')]);
    const bytes = codec.encode({ ...EMPTY, values: [true, true, true] });
    bytes[8 + 1] = 200;
    assert.throws(() => rowText(codec.open(bytes), 1, 1), isCorrupt);
    assert.throws(() => writeRowText(new ByteWriter(), codec.open(bytes), 2, 2), isCorrupt);
    assert.equal(rowText(codec.open(bytes), 0, 2), 'true,true,true');
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
    const codec = compileRowCodec([feature('a', 'string'), feature('b', 'list<string>')]);
    const texts = Array.from({ length: 300 }, (_value, index) => 'x'.repeat(index * 11));
    const rows = texts.map((text) => codec.encode({ ...EMPTY, values: [text, [text, null, 'é']] }));
    assert.deepEqual(
      rows.map((row) => codec.decode(row).values),
      texts.map((text) => [text, [text, null, 'é']]),
    );
  });

  test('float32 values are read with their shortest digits', () => {
    const codec = compileRowCodec([feature('a', 'float32'), feature('b', 'vector<float32,2>')]);
    assert.deepEqual(
      codec.decode(codec.encode({ ...EMPTY, values: [Math.fround(0.1), [0.1, Math.fround(0.2)]] })).values,
      [0.1, [0.1, 0.2]],
    );
  });
});

interface GoldenRow {
  readonly name: string;
  readonly schema: RowSchema;
  readonly row: PackedRow;
  readonly hex: string;
}

/** int64 and timestamps are written as text in the file, bytes as base64. */
function goldenRows(): GoldenRow[] {
  const file = new URL('row-codec.golden.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as readonly Revivable[]).map(revived);
}

interface Revivable {
  readonly name: string;
  readonly hex: string;
  readonly schema: readonly { readonly name: string; readonly type: DataType; readonly default: unknown }[];
  readonly row: {
    readonly eventMicros: string | null;
    readonly createdMicros: string | null;
    readonly isDeleted?: true;
    readonly values: readonly unknown[];
    readonly invalid: readonly boolean[] | null;
  };
}

function revived({ name, hex, schema, row }: Revivable): GoldenRow {
  const micros = (text: string | null): bigint | null => (text === null ? null : BigInt(text));
  return {
    name,
    hex,
    schema: schema.map((one) => ({ ...one, default: revive(one.type, one.default) })),
    row: {
      eventMicros: micros(row.eventMicros),
      createdMicros: micros(row.createdMicros),
      ...(row.isDeleted === true ? { isDeleted: true } : {}),
      values: row.values.map((value, index) => revive(schema[index]?.type ?? '', value)),
      invalid: row.invalid,
    },
  };
}

function revive(type: string, value: unknown): Value {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => revive(/<(\w+)/.exec(type)?.[1] ?? '', item));
  if (type === 'int64' || type === 'timestamp') return BigInt(value as string);
  return type === 'bytes' ? new Uint8Array(Buffer.from(value as string, 'base64')) : (value as Value);
}
