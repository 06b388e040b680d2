// Cells of CSV and JSON Lines for each declared type, and what each must read as; by docs/reference/definitions.md.
import type { DataType } from '../../schemas/types.ts';
import { either, exact, type Reading, refused } from './reading.ts';

export type TextCell = readonly [text: string, reading: Reading];

const refuse = (...texts: readonly string[]): TextCell[] => texts.map((text) => [text, refused]);
const same = (...texts: readonly string[]): TextCell[] => texts.map((text) => [text, exact(text)]);

const MAX = '9223372036854775807';

const INSTANTS: readonly TextCell[] = [
  ['2026-01-08', exact('2026-01-08T00:00:00Z')],
  ['2026-01-08T10:00', exact('2026-01-08T10:00:00Z')],
  ['2026-01-08T10:00Z', exact('2026-01-08T10:00:00Z')],
  ['2026-01-08 10:00:01.1234569', exact('2026-01-08T10:00:01.123456Z')],
  ['1969-12-31T23:59:59.9999999Z', exact('1969-12-31T23:59:59.999999Z')],
  ['2026-01-08T10:00:00+05:30', exact('2026-01-08T04:30:00Z')],
  ['2026-01-08T10:00:00-23:59', exact('2026-01-09T09:59:00Z')],
  ['infinity', exact(null)],
  ['-infinity', exact(null)],
];
const NO_INSTANTS = refuse(
  'soon',
  '2026-02-30',
  '2026-01-08T25:00:00Z',
  '2026-01-08T10:00:00+25:00',
  '2026-01-08T10:00:00+05:99',
  '+002026-01-08T00:00:00Z',
  '08.01.2026',
  '1767830400',
);

export const CSV_CELLS: Partial<Readonly<Record<DataType, readonly TextCell[]>>> = {
  int64: [
    ...same('7', '-7', MAX, '-9223372036854775808', '0'),
    ['7.0', exact('7')],
    ['+7', either('7')],
    ['007', either('7')],
    ['', exact(null)],
    ...refuse(
      '9223372036854775808',
      '1_000',
      '0x10',
      '1e3',
      '7.5',
      '"1,000"',
      'seven',
      '--7',
      '7-',
      '7,5'.replace(',', ';'),
    ),
    ...refuse('1.0000000000000000001', '0b1', '7 7', '٧', 'true', 'nan'),
  ],
  int32: [...same('2147483647', '-2147483648'), ['', exact(null)], ...refuse('2147483648', '1_0', '0.5', 'x')],
  float64: [
    ['1.5', exact(1.5)],
    ['-0', exact(0)],
    ['1e-3', exact(0.001)],
    ['nan', exact(null)],
    ['inf', exact(null)],
    ['-inf', exact(null)],
    ['', exact(null)],
    ['.5', either(0.5)],
    ['5.', either(5)],
    ['1e400', either(null)],
    ...refuse('1_0', '1.5.2', '"1,5"', '0x1p3', 'x', '1e', 'e1', '1f', '1d'),
  ],
  string: [
    ...same('01234', '1.0', 'NULL', 'null', 'NaN', 'true', 'zwölf 😀', 'x\\ny', "it's", '#x', '1e3'),
    [' x ', exact(' x ')],
    ['""', exact('')],
    ['"a ""b"", c"', exact('a "b", c')],
    ['', exact(null)],
  ],
  bool: [
    ...['true', 'T', 'yes', 'Y', '1', 'TRUE'].map((text) => [text, exact(true)] as const),
    ...['false', 'f', 'No', 'n', '0'].map((text) => [text, exact(false)] as const),
    ['', exact(null)],
    ...refuse('2', 'x', '1.0', 'tru', '10'),
  ],
  timestamp: [...INSTANTS, ['', exact(null)], ...NO_INSTANTS],
  bytes: [['AP8=', exact('AP8=')], ['', exact(null)], ...refuse('***', 'A', 'AP8=AP8=')],
  'list<int64>': [
    ['"[1,2]"', exact(['1', '2'])],
    ['[]', exact([])],
    ['"[1,null]"', exact(['1', null])],
    ['', exact(null)],
    ...refuse('"[1.5]"', '"[""x""]"', 'x', '"[1,2"', '{}', '"[9223372036854775808]"', '[[1]]', '"[1,2] 3"'),
  ],
};

const quoted = (cells: readonly TextCell[]): TextCell[] =>
  cells.map(([text, reading]) => [JSON.stringify(text), reading]);

export const JSON_CELLS: Partial<Readonly<Record<DataType, readonly TextCell[]>>> = {
  int64: [
    ...same('7', '-7', MAX, '-9223372036854775808', '9007199254740993'),
    ['7.0', exact('7')],
    ['1e3', exact('1000')],
    ['"7"', either('7')],
    ['null', exact(null)],
    ...refuse(
      '9223372036854775808',
      '1.0000000000000000001',
      '9007199254740993.0',
      '7.5',
      '"x"',
      '[1]',
      '{}',
      '1e30',
      '"1_0"',
    ),
    ...refuse('true', '""', '" 7"', '"0x7"', '9007199254740993e0', '0.1e-400'),
  ],
  int32: [
    ...same('2147483647'),
    ['null', exact(null)],
    ...refuse('2147483648', '0.5', '"x"', '-2147483649', '{"a":1}'),
  ],
  float64: [
    ['1.5', exact(1.5)],
    ['-0', exact(0)],
    ['-0.0', exact(0)],
    ['1e-3', exact(0.001)],
    ['3', exact(3)],
    ['null', exact(null)],
    ['"nan"', either(null)],
    ['1e400', either(null)],
    ...refuse('"x"', '[1.5]', '{}', '"1_0"', '""'),
  ],
  string: [
    ...quoted(same('01234', '', 'NULL', 'null', 'a "b", c\n', 'zwölf 😀', '\\', '[1]', '{"a":1}')),
    ['"\\u0041\\/\\t"', exact('A/\t')],
    ['"\\ud83d\\ude00"', exact('😀')],
    ['null', exact(null)],
    ['12', either('12')],
    ['12345678901234567890123', either('12345678901234567890123')],
    ['1.50', either('1.50')],
    ['true', either('true')],
  ],
  bool: [['true', exact(true)], ['false', exact(false)], ['null', exact(null)], ...refuse('2', '"x"', '[true]', '0.5')],
  timestamp: [...quoted(INSTANTS), ['null', exact(null)], ...quoted(NO_INSTANTS), ...refuse('true', '[]', '1.5')],
  bytes: [['"AP8="', exact('AP8=')], ['""', exact('')], ['null', exact(null)], ...refuse('"***"', '"A"', '[0]')],
  'list<int64>': [
    ['[1,2]', exact(['1', '2'])],
    [`[${MAX}]`, exact([MAX])],
    ['[]', exact([])],
    ['[1,null]', exact(['1', null])],
    ['null', exact(null)],
    ...refuse('[1.5]', '["x"]', '"x"', '[[1]]', '{}', '[9223372036854775808]', '[1.0000000000000000001]'),
  ],
};
