// Random views of every type with rows in a store, for what reads lookups: defaults, nulls, invalid values, stale rows, a view
// that is read under two names of its key, a feature that is newer than the last run.
import fc from 'fast-check';
import { shortestFloat32 } from '../../schemas/float32.ts';
import { type DataType, structType, type Value } from '../../schemas/types.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { catalogOf, FakeWorld, rowView, serviceFeature } from './fake-world.ts';

/** The instant until which they are materialized. */
export const AT = '1970-01-01T00:00:01Z';

const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  fc.double({ min: -1000, max: 1000, noNaN: true }).map((x) => x + 0),
  fc.integer({ min: -10_000, max: 10_000 }).map((x) => x / 100),
);
const float = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => shortestFloat32(Math.fround(x + 0)));
const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -99n, max: 99n }));
/** Years of four digits as most are, and all others. */
const instant = fc.oneof(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), int64);
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 9 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('null', 'n', '"', '\\', ',],"', '\u0000\n'),
);

/**
 * Of maps. Without a backslash: where an object before had the key `\\`, JSON.parse of Node 24.21 reads the key `"` as `\\`.
 */
const key = text.filter((name) => !name.includes('\\'));

const VALUES = {
  bool: fc.boolean(),
  int32: fc.integer(),
  int64,
  float32: float,
  float64: double,
  string: text,
  timestamp: instant,
  bytes: fc.uint8Array({ maxLength: 70 }),
  'vector<float32,3>': fc.array(float, { minLength: 3, maxLength: 3 }),
} as const satisfies Partial<Record<DataType, fc.Arbitrary<Value>>>;

const orNull = (value: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: value }, fc.constant(null));

interface TypeWithValues {
  readonly type: DataType;
  readonly values: fc.Arbitrary<Value>;
}

const scalar = fc.constantFrom(...(Object.keys(VALUES) as (keyof typeof VALUES)[]));
type Element = Exclude<keyof typeof VALUES, `vector${string}`>;
const element = scalar.filter((type): type is Element => !type.startsWith('vector'));
const typed: fc.Arbitrary<TypeWithValues> = fc.oneof(
  scalar.map((type) => ({ type, values: VALUES[type] })),
  element.map((type) => ({
    type: `list<${type}>` as DataType,
    values: fc.array(orNull(VALUES[type]), { maxLength: 4 }),
  })),
  element.map((type) => ({
    type: `map<string,${type}>` as DataType,
    values: fc.uniqueArray(fc.tuple(key, orNull(VALUES[type])), { maxLength: 4, selector: ([name]) => name }),
  })),
  fc.array(element, { minLength: 1, maxLength: 3 }).map((types) => ({
    type: structType(types.map((type, i) => ({ name: `s${i}`, type }))),
    values: fc.tuple(...types.map((type) => orNull(VALUES[type]))),
  })),
);

const feature = typed.chain(({ type, values }) =>
  fc.record({
    type: fc.constant(type),
    default: orNull(values),
    emptyValue: orNull(values),
    values: fc.constant(values),
  }),
);

export const anyWorld = fc.array(feature, { minLength: 1, maxLength: 5 }).chain((features) =>
  fc.record({
    features: fc.constant(features),
    rows: fc.array(
      fc.record({
        values: fc.tuple(...features.map(({ values }) => orNull(values))),
        invalid: fc.oneof(fc.constant(undefined), fc.tuple(...features.map(() => fc.boolean()))),
        event: fc.constantFrom(AT, '1969-12-31T23:59:59Z', '1970-01-01T00:00:02Z'),
      }),
      { maxLength: 5 },
    ),
    asked: fc.shuffledSubarray(
      features.map((_, index) => index),
      { minLength: 1 },
    ),
    added: fc.boolean(),
  }),
);

type AnyWorld = typeof anyWorld extends fc.Arbitrary<infer T> ? T : never;

/** The view is read under two names of its key; with `added`, by a version that has one feature more than is materialized. */
export async function fakeWorld({ features, rows, asked, added }: AnyWorld) {
  const named = features.map(({ type, ...rest }, index) => ({ name: `f${index}`, type, ...rest }));
  const view = rowView('v', { id: 'int32' }, named, { ttlMicros: 1_000_000n });
  const newer = rowView('v', { id: 'int32' }, [...named, { name: 'new', type: 'list<string>' }], {
    ttlMicros: 1_000_000n,
    fingerprint: 'another',
  });
  const service = ['origin', 'destination'].flatMap((readAs) =>
    [...asked.map((index) => `f${index}`), ...(added ? ['new'] : [])].map((name) =>
      serviceFeature('v', name, [readAs], `${readAs}_${name}`),
    ),
  );
  const fake = new FakeWorld(catalogOf([view], { s: service }), new MemoryOnlineStore());
  const written = rows.map(({ values, invalid, event }, id) => ({
    keys: [id],
    values: values.map((value, index) => (invalid?.[index] === true ? null : value)),
    event,
    ...(invalid === undefined ? {} : { invalid }),
  }));
  await fake.materialize(view, AT, written);
  if (added) fake.catalog = catalogOf([newer], { s: service });
  const entities = [...rows.keys(), 99, 0, null].map((id, index) => ({ origin: id, destination: index % 3 }));
  return { fake, entities };
}
