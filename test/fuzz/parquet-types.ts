// Types that a Parquet file can have, with cells as SQL writes them and what each means; by DESIGN section 2.
import type { DataType } from '../../schemas/types.ts';
import type { Json } from '../oracle/values.ts';

export interface ParquetType {
  /** As the writer of the file spells it: SQL, or Python. */
  readonly spelled: string;
  /** What it reads as without a declaration; null: nothing of ours. */
  readonly own: DataType | null;
  /** As the writer spells them, and their values in `own`. */
  readonly cells: readonly (readonly [spelled: string, value: Json])[];
}

const integers = (spelled: string, own: DataType, low: string, high: string): ParquetType => ({
  spelled,
  own,
  cells: [low, high, '0', '7', '100'].map((digits) => [`'${digits}'`, digits] as const),
});

const floats = (spelled: string, own: DataType, more: readonly (readonly [string, Json])[]): ParquetType => ({
  spelled,
  own,
  cells: [["'nan'", null], ["'inf'", null], ["'-inf'", null], ["'-0.0'", 0], ["'1.5'", 1.5], ["'-3'", -3], ...more],
});

const INSTANTS: ParquetType['cells'] = [
  ["'1969-12-31 23:59:59'", '1969-12-31T23:59:59Z'],
  ["'2026-01-02 15:30:00'", '2026-01-02T15:30:00Z'],
  ["'1900-02-28 00:00:01'", '1900-02-28T00:00:01Z'],
];
const INFINITE: ParquetType['cells'] = [
  ["'infinity'", null],
  ["'-infinity'", null],
];
const FAR: ParquetType['cells'] = [["'9999-12-31 23:59:59'", '9999-12-31T23:59:59Z']];
const FINE: ParquetType['cells'] = [["'1969-12-31 23:59:59.123456'", '1969-12-31T23:59:59.123456Z']];

const none = (spelled: string, ...cells: readonly string[]): ParquetType => ({
  spelled,
  own: null,
  cells: cells.map((cell) => [cell, null] as const),
});

const list = (of: ParquetType): ParquetType => ({
  spelled: `${of.spelled}[]`,
  own: `list<${of.own}>` as DataType,
  cells: [['[]', []], ...of.cells.map(([cell, value]) => [`[${cell}, NULL, ${cell}]`, [value, null, value]] as const)],
});

const INT32 = integers('INTEGER', 'int32', '-2147483648', '2147483647');
const INT64 = integers('BIGINT', 'int64', '-9223372036854775808', '9223372036854775807');
const DOUBLE = floats('DOUBLE', 'float64', [
  ["'1e300'", 1e300],
  ["'0.1'", 0.1],
]);
const FLOAT = floats('FLOAT', 'float32', [["'16777216'", 16777216]]);
const TEXT: ParquetType = {
  spelled: 'VARCHAR',
  own: 'string',
  cells: ['', '01234', '1.0', 'NaN', 'null', 'a"b,c', 'zwölf 😀', "it''s", ' x '].map(
    (text) => [`'${text}'`, text.replaceAll("''", "'")] as const,
  ),
};
const BOOL: ParquetType = {
  spelled: 'BOOLEAN',
  own: 'bool',
  cells: [
    ['true', true],
    ['false', false],
  ],
};

export const PARQUET_TYPES: readonly ParquetType[] = [
  INT32,
  INT64,
  integers('TINYINT', 'int32', '-128', '127'),
  integers('USMALLINT', 'int32', '1', '65535'),
  integers('UINTEGER', 'int64', '1', '4294967295'),
  integers('UBIGINT', 'int64', '9223372036854775807', '9223372036854775808'),
  FLOAT,
  DOUBLE,
  TEXT,
  BOOL,
  {
    spelled: 'BLOB',
    own: 'bytes',
    cells: [
      ["'\\x00\\xFF'", 'AP8='],
      ["''", ''],
    ],
  },
  { spelled: 'DATE', own: 'timestamp', cells: [["'2026-01-02'", '2026-01-02T00:00:00Z'], ...INFINITE] },
  { spelled: 'TIMESTAMP', own: 'timestamp', cells: [...INSTANTS, ...FINE, ...FAR, ...INFINITE] },
  { spelled: 'TIMESTAMPTZ', own: 'timestamp', cells: [...INSTANTS, ...FAR, ...INFINITE] },
  { spelled: 'TIMESTAMP_S', own: 'timestamp', cells: [...INSTANTS, ...FAR] },
  { spelled: 'TIMESTAMP_MS', own: 'timestamp', cells: [...INSTANTS, ...FAR] },
  {
    spelled: 'TIMESTAMP_NS',
    own: 'timestamp',
    cells: [
      ...INSTANTS,
      ["'2026-01-02 00:00:00.123456789'", '2026-01-02T00:00:00.123456Z'],
      ["'1969-12-31 23:59:59.999999999'", '1969-12-31T23:59:59.999999Z'],
    ],
  },
  {
    spelled: 'DECIMAL(9,2)',
    own: 'float64',
    cells: [
      ["'1.10'", 1.1],
      ["'-0.05'", -0.05],
    ],
  },
  { spelled: 'DECIMAL(38,0)', own: 'float64', cells: [["'1000000000000000000000'", 1e21]] },
  list(INT32),
  list(INT64),
  list(FLOAT),
  list(DOUBLE),
  list(TEXT),
  list(BOOL),
  none('TIME', "'10:00:00'"),
  none('INTERVAL', "'1 day'"),
  none('UUID', "'00000000-0000-0000-0000-000000000001'"),
  none('STRUCT(v BIGINT)', "{'v': 1}"),
  none('MAP(VARCHAR, BIGINT)', "MAP {'v': 1}"),
  none('BIGINT[][]', '[[1], [2]]'),
];
