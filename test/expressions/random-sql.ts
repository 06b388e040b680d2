// Random well-typed expressions as users write them, over the columns of `COLUMNS`, and rows of edge values for these.
import fc from 'fast-check';
import type { DataType, Value } from '../../schemas/types.ts';

export const COLUMNS: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['flag', 'bool'],
  ['small', 'int32'],
  ['big', 'int64'],
  ['other', 'int64'],
  ['single', 'float32'],
  ['real', 'float64'],
  ['name', 'string'],
  ['digits', 'string'],
  ['ts', 'timestamp'],
]);

const MAX = 2n ** 63n - 1n;
const DAY = 86_400_000_000n;

const orNull = (values: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 5, arbitrary: values }, { weight: 1, arbitrary: fc.constant(null) });
const pick = (...values: Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);

const int64: fc.Arbitrary<Value> = fc.oneof(
  pick(0n, 1n, -1n, MAX, -MAX - 1n, 2n ** 53n + 1n, 2n ** 31n, -3_037_000_500n),
  fc.bigInt(-9n, 9n),
  fc.bigInt(-MAX, MAX),
);
const float64: fc.Arbitrary<Value> = fc.oneof(
  pick(0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e308, -1e308, 5e-324, 1e16, 1e-7, 0.49999999999999994, 9007199254740994, 1e21),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  fc.integer({ min: -9, max: 9 }).map((x) => x / 4 + 0),
);
const name: fc.Arbitrary<Value> = fc.oneof(
  pick('', ' a ', 'É', 'éa', '😀', '\uffff', 'aB', "it's", 'a%_\\'),
  fc.string({ unit: 'binary', maxLength: 4 }).map((s) => s.replaceAll('\0', '')),
);
const NUMERALS = ['0', '1', '9', '+', '-', '.', 'e', 'E', ' ', '_', '7'];
const digits: fc.Arbitrary<Value> = fc.oneof(
  pick(
    '',
    '5',
    '-7',
    '1.5',
    '1e3',
    'true',
    'F',
    '9223372036854775808',
    '1e400',
    '2024-02-28',
    '2023-02-29',
    '1969-12-31T23:59:59.1234567-01:30',
    ' 1',
    'nan',
    '.5',
    '5.',
    '1e',
    '+',
  ),
  fc.array(fc.constantFrom(...NUMERALS), { maxLength: 5 }).map((letters) => letters.join('')),
  fc.double({ noNaN: true }).map(String),
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('+012000-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
);
const at: fc.Arbitrary<Value> = fc.oneof(
  pick(0n, -1n, -500_000n, 19_781n * DAY - 1n, 19_782n * DAY, -62_135_596_800_000_000n),
  fc.bigInt(-100_000n * DAY, 100_000n * DAY),
);

export const row: fc.Arbitrary<Value[]> = fc.tuple(
  ...[
    fc.boolean(),
    fc.oneof(pick(2147483647, -2147483648), fc.integer({ min: -5, max: 5 })),
    int64,
    int64,
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    float64,
    name,
    digits,
    at,
  ].map((values) => orNull(values as fc.Arbitrary<Value>)),
);

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const COMPARE = ['=', '<>', '<', '<=', '>', '>='] as const;
const PARTS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
const MORE_PARTS = [...PARTS, 'dow', 'isodow', 'doy', 'isoyear'] as const;

type Texts = {
  bool: string;
  int: string;
  float: string;
  string: string;
  timestamp: string;
};

/** exp, ln and pow are left out: engines differ in their last bit. The other logarithms are rounded, for the same reason. */
const texts = fc.letrec<Texts>((tie) => {
  const sql = (parts: TemplateStringsArray, ...holes: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...holes).map((values) => String.raw({ raw: parts }, ...values));
  const of = (...names: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...names);
  const text = (name: keyof Texts): fc.Arbitrary<string> => tie(name) as fc.Arbitrary<string>;
  const [bool, int, float, string, timestamp] = [
    text('bool'),
    text('int'),
    text('float'),
    text('string'),
    text('timestamp'),
  ];
  const grow = (leaf: fc.Arbitrary<string>, ...rest: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.oneof({ maxDepth: 3, depthIdentifier: 'sql', withCrossShrink: true }, leaf, ...rest);
  const any = (value: fc.Arbitrary<string>): readonly fc.Arbitrary<string>[] => [
    sql`CASE WHEN ${bool} THEN ${value} ELSE ${value} END`,
    sql`CASE WHEN ${bool} THEN ${value} WHEN ${bool} THEN ${value} END`,
    sql`COALESCE(${value}, ${value})`,
    sql`NULLIF(${value}, ${value})`,
    sql`${of('least', 'greatest')}(${value}, ${value}, ${value})`,
  ];
  const compared = (value: fc.Arbitrary<string>): readonly fc.Arbitrary<string>[] => [
    sql`(${value} ${of(...COMPARE)} ${value})`,
    sql`(${value} BETWEEN ${value} AND ${value})`,
    sql`(${value} IS ${of('', 'NOT ')}NULL)`,
  ];
  return {
    bool: grow(
      of('flag', 'TRUE', 'FALSE'),
      sql`(${bool} ${of('AND', 'OR')} ${bool})`,
      sql`(NOT ${bool})`,
      ...compared(int),
      ...compared(float),
      ...compared(string),
      ...compared(timestamp),
      sql`(${int} ${of(...COMPARE)} ${float})`,
      // Optimizers rewrite comparisons with constants.
      sql`(${int} ${of(...COMPARE)} ${of('5', '0', '-3', '2147483647', '0.5')})`,
      sql`(${float} ${of(...COMPARE)} ${of('0', '0.1', '0.5', '1e300')})`,
      sql`(${int} ${of('IN', 'NOT IN')} (1, -2, 3.5${of('', ', NULL')}))`,
      sql`(${string} ${of('IN', 'NOT IN')} ('', 'a', '😀'))`,
      sql`${of('starts_with', 'contains')}(${string}, ${string})`,
      sql`CAST(${fc.oneof(int, float, string)} AS bool)`,
      ...any(bool),
    ),
    int: grow(
      of('small', 'big', 'other', '0', '1', '-3', '9223372036854775807'),
      sql`(${int} ${of('+', '-', '*', '%')} ${int})`,
      sql`(- ${int})`,
      sql`${of('abs', 'sign', 'round', 'floor', 'ceil')}(${int})`,
      sql`sign(${float})`,
      sql`length(${string})`,
      sql`date_part('${of(...MORE_PARTS)}', ${timestamp})`,
      sql`CAST(${fc.oneof(bool, int, float, string)} AS int64)`,
      sql`CAST(${fc.oneof(int, float, string)} AS int32)`,
      ...any(int),
    ),
    float: grow(
      of('single', 'real', '0.5', '-2.0', '1e308'),
      sql`(${float} ${of('+', '-', '*', '/', '%')} ${float})`,
      sql`(${int} / ${int})`,
      sql`(${int} * ${float})`,
      sql`(- ${float})`,
      sql`${of('abs', 'round', 'floor', 'ceil', 'sqrt')}(${float})`,
      sql`round(${float}, ${of('0', '2', '15')})`,
      sql`round(${of('log', 'log2', 'log10')}(${float}), 2)`,
      sql`epoch(${timestamp})`,
      sql`CAST(${fc.oneof(int, float, string)} AS ${of('float32', 'float64')})`,
      ...any(float),
    ),
    string: grow(
      of('name', 'digits', "''", "' a '", quote("É😀'")),
      sql`${of('lower', 'upper', 'trim')}(${string})`,
      sql`substr(${string}, ${int})`,
      sql`substr(${string}, ${int}, ${int})`,
      sql`concat(${string}, ${string})`,
      sql`(${string} || ${string})`,
      sql`CAST(${fc.oneof(bool, int, timestamp)} AS string)`,
      sql`CAST(CAST(${float} AS float64) AS string)`,
      ...any(string),
    ),
    timestamp: grow(
      of('ts', "CAST('2024-01-01' AS timestamp)", "CAST('2024-03-01T00:00:00.5Z' AS timestamp)"),
      sql`date_trunc('${of(...PARTS)}', ${timestamp})`,
      sql`CAST(digits AS timestamp)`,
      sql`CAST(CAST(${timestamp} AS string) AS timestamp)`,
      ...any(timestamp),
    ),
  };
});

export const sqlText: fc.Arbitrary<string> = fc.oneof(
  texts.bool,
  texts.int,
  texts.float,
  texts.string,
  texts.timestamp,
);
