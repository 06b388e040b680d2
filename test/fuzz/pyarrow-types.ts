// Types of Parquet files as pyarrow writes them, beside those of parquet-types.ts; cells are Python.
import type { DataType } from '../../schemas/types.ts';
import type { Json } from '../oracle/values.ts';
import type { ParquetType } from './parquet-types.ts';

type Cells = ParquetType['cells'];

const type = (spelled: string, own: DataType | null, cells: Cells): ParquetType => ({ spelled, own, cells });
const none = (spelled: string, cell: string): ParquetType => type(spelled, null, [[cell, null]]);

const integers = (name: string, own: DataType, ...digits: readonly string[]): ParquetType =>
  type(
    `pa.${name}()`,
    own,
    [...digits, '0', '7'].map((text) => [text, text] as const),
  );

const FLOATS: Cells = [
  ["float('nan')", null],
  ["float('-inf')", null],
  ['-0.0', 0],
  ['1.5', 1.5],
  ['-3.0', -3],
];
const TEXTS: Cells = ['', '01234', 'NaN', 'null', 'a"b,c', 'zwölf 😀', ' x '].map(
  (text) => [JSON.stringify(text), text] as const,
);
const BYTES: Cells = [
  ["b'\\x00\\xff'", 'AP8='],
  ["b'ab'", 'YWI='],
];
const dates = (unit: 'days' | 'ms'): Cells => [
  [unit === 'days' ? '20455' : '20455 * 86400000', '2026-01-02T00:00:00Z'],
  [unit === 'days' ? '-1' : '-86400000', '1969-12-31T00:00:00Z'],
];

const INSTANTS = ['1969-12-31T23:59:59', '2026-01-02T15:30:00', '1900-02-28T00:00:01'];
const FINE = '1969-12-31T23:59:59.123456';
const FINEST = '2026-01-02T00:00:00.123456789';

function timestamp(unit: 's' | 'ms' | 'us' | 'ns', zone: string | null): ParquetType {
  const texts = [...INSTANTS, ...(unit === 'us' || unit === 'ns' ? [FINE] : []), ...(unit === 'ns' ? [FINEST] : [])];
  const cells = texts.map((text) => [`at('${text}', '${unit}')`, `${text.replace(/(\.\d{6}).*/, '$1')}Z`] as const);
  return type(`pa.timestamp('${unit}'${zone === null ? '' : `, '${zone}'`})`, 'timestamp', cells);
}

const list = (kind: string, of: ParquetType): ParquetType =>
  type(`pa.${kind}(${of.spelled})`, `list<${of.own}>` as DataType, [
    ['[]', []],
    ...of.cells.map(([cell, value]): readonly [string, Json] => [`[${cell}, None]`, [value, null]]),
  ]);

const INT64 = integers('int64', 'int64', '-9223372036854775808', '9223372036854775807');
const DOUBLE = type('pa.float64()', 'float64', [...FLOATS, ['1e300', 1e300], ['0.1', 0.1]]);
const DICTIONARY = type('pa.dictionary(pa.int32(), pa.string())', 'string', TEXTS);

export const PYARROW_TYPES: readonly ParquetType[] = [
  INT64,
  DOUBLE,
  DICTIONARY,
  integers('int8', 'int32', '-128', '127'),
  integers('uint8', 'int32', '255'),
  integers('int32', 'int32', '-2147483648', '2147483647'),
  integers('uint32', 'int64', '4294967295'),
  integers('uint64', 'int64', '9223372036854775807', '9223372036854775808', '18446744073709551615'),
  type('pa.float16()', 'float32', FLOATS),
  type('pa.float32()', 'float32', [...FLOATS, ['16777216.0', 16777216]]),
  type('pa.string()', 'string', TEXTS),
  type('pa.large_string()', 'string', TEXTS),
  type('pa.string_view()', 'string', TEXTS),
  type('pa.bool_()', 'bool', [
    ['True', true],
    ['False', false],
  ]),
  type('pa.binary()', 'bytes', BYTES),
  type('pa.large_binary()', 'bytes', BYTES),
  type('pa.binary(2)', 'bytes', BYTES),
  type('pa.date32()', 'timestamp', dates('days')),
  type('pa.date64()', 'timestamp', dates('ms')),
  ...(['s', 'ms', 'us', 'ns'] as const).flatMap((unit) =>
    [null, 'UTC', 'Europe/Berlin'].map((zone) => timestamp(unit, zone)),
  ),
  ...['decimal32(9, 2)', 'decimal64(18, 2)', 'decimal128(38, 2)'].map((spelled) =>
    type(`pa.${spelled}`, 'float64', [
      ["decimal.Decimal('1.10')", 1.1],
      ["decimal.Decimal('-0.05')", -0.05],
    ]),
  ),
  none('pa.decimal256(50, 2)', "decimal.Decimal('1.10')"),
  list('list_', INT64),
  list('large_list', DOUBLE),
  list('list_', DICTIONARY),
  type('pa.list_(pa.int64(), 2)', 'list<int64>', [['[1, None]', ['1', null]]]),
  none("pa.time64('us')", '5'),
  none('pa.struct([("v", pa.int64())])', '{"v": 1}'),
  none('pa.map_(pa.string(), pa.int64())', '[("v", 1)]'),
  none('pa.list_(pa.list_(pa.int64()))', '[[1], [2]]'),
];
