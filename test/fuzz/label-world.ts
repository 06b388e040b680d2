// Random labels of one file, as plain data: good keys, instants and a column of one's own, of which one is made strange.
import { Random } from '../oracle/random.ts';

export type LabelFormat = 'csv' | 'jsonl' | 'parquet';

export interface LabelRow {
  readonly key: string;
  readonly at: string;
  /** As it stands in the file: a CSV field, a JSON value, an SQL expression. */
  readonly extra: string;
}

export interface LabelWorld {
  readonly seed: number;
  readonly format: LabelFormat;
  readonly path: string;
  readonly rows: readonly LabelRow[];
  /** Parquet: the type of `extra`. */
  readonly type: string;
  /** Whether nothing in it may be refused. */
  readonly isCalm: boolean;
}

const KEYS = {
  calm: ['1', '2', '3'],
  strange: ['one', '9223372036854775808', '1.5', '1_0', '', '1e0', '0x1', '-', '٣'],
};
const TIMES = {
  calm: ['2026-01-04T00:00:00Z', '2026-01-06T00:00:00Z', '2026-01-06T00:00:00.123456Z'],
  strange: ['soon', '2026-02-30', 'infinity', '2026-01-06T10:00:00+25:00', '', '1767830400', 'NaT', '2026-13-01'],
};

const CSV = {
  calm: ['7', '-7', '01234', '1.10', 'text', '', '"a ""b"", c"', '9007199254740993', 'true', 'zwölf 😀', '1e3', 'NULL'],
  strange: [
    '18446744073709551616',
    '1_000',
    '0.1000000000000000055511151231257827',
    'nan',
    '-0',
    '1e400',
    '+5',
    '.5',
    ' x ',
  ],
};
const JSON_LINES = {
  calm: ['7', '-7', '"01234"', '1.5', '"text"', 'null', 'true', '[1,2]', '9007199254740993', '"a \\"b\\""', '"😀"'],
  strange: [
    '18446744073709551616',
    '1e400',
    '0.1000000000000000055511151231257827',
    '[1,"x"]',
    '{"a":1}',
    '[[[1]]]',
    '-0',
  ],
};
const PARQUET: readonly (readonly [type: string, ...cells: readonly string[]])[] = [
  ['BIGINT', "'9223372036854775807'", "'-7'", 'NULL'],
  ['UBIGINT', "'18446744073709551615'", "'7'"],
  ['DOUBLE', "'1.5'", "'0.1'", 'NULL'],
  ['FLOAT', "'1.5'", "'0.1'"],
  ['VARCHAR', "'text'", "'01234'", "''", 'NULL'],
  ['BOOLEAN', 'true', 'NULL'],
  ['DECIMAL(18,2)', "'1.10'", "'-12345678901234.56'"],
  ['DECIMAL(38,0)', "'12345678901234567890123456789012345678'"],
  ['TIMESTAMP_NS', "'2026-01-06 00:00:00.123456'"],
  ['DATE', "'2026-01-06'"],
  ['BIGINT[]', '[9007199254740993, NULL]', '[]'],
];

export function labelWorld(seed: number, formats: readonly LabelFormat[]): LabelWorld {
  const random = new Random(seed);
  const format = random.pick(formats);
  const strange = random.pick(['none', 'none', 'key', 'at', 'extra', 'extra'] as const);
  const [type, ...typed] = random.pick(PARQUET);
  const texts = format === 'csv' ? CSV : JSON_LINES;
  const kind = textKind(random, texts.calm, format);
  const cells = format === 'parquet' ? typed : strange === 'extra' ? [...kind, ...texts.strange] : kind;
  const pick = (from: { readonly calm: readonly string[]; readonly strange: readonly string[] }, name: string) =>
    random.pick(strange === name && random.chance(0.5) ? from.strange : from.calm);
  const rows = Array.from({ length: random.int(1, 5) }, () => ({
    key: pick(KEYS, format === 'parquet' ? 'never' : 'key'),
    at: pick(TIMES, format === 'parquet' ? 'never' : 'at'),
    extra: random.pick(cells),
  }));
  const path = `${random.pick(['', 'user_id=9/', 'extra=1/event_timestamp=2020-01-01/', "it's/"])}labels.${format}`;
  return { seed, format, path, rows, type, isCalm: format === 'parquet' || strange === 'none' };
}

/** JSON values of different kinds in one column may be refused: a calm column has one kind, and null. */
function textKind(random: Random, cells: readonly string[], format: LabelFormat): readonly string[] {
  if (format !== 'jsonl') return cells;
  const first = random.pick(cells);
  const kind = (text: string) => text.replace(/^(["[tn-]|\d).*$/s, '$1').replace(/[-\d]/, '0');
  return cells.filter((text) => text === 'null' || kind(text) === kind(first));
}
