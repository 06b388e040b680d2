// A random source of a few files as plain data: types, encodings, folders, and what differs from file to file. Each row has
// a key of its own, so that what the source holds is seen row by row in training sets and lookups.
import type { DataType } from '../../schemas/types.ts';
import { Random } from '../oracle/random.ts';
import type { Json } from '../oracle/values.ts';
import { PARQUET_TYPES, type ParquetType } from './parquet-types.ts';
import { PYARROW_TYPES } from './pyarrow-types.ts';
import type { Reading } from './reading.ts';
import { CSV_CELLS, JSON_CELLS } from './text-cells.ts';

export type Format = 'parquet' | 'csv' | 'jsonl';

/** Of Parquet files. */
export type Writer = 'duckdb' | 'pyarrow';

/** `text`: as it stands in the file; an expression of the writer's for Parquet. */
export interface Cell {
  readonly text: string;
  /** Of Parquet: the value in the physical type's own type. */
  readonly own: Json;
  /** Of text: what it must read as. */
  readonly reading: Reading | null;
}

export interface FuzzRow {
  readonly key: string;
  /** Minutes after the first instant. */
  readonly minute: number;
  readonly cell: Cell;
}

export interface FuzzFile {
  readonly path: string;
  /** Physical type of the column `v`; null in text. */
  readonly type: ParquetType | null;
  readonly keyType: string;
  readonly timeType: string;
  readonly rows: readonly FuzzRow[];
  /** A column that the file lacks at the top; a struct of that field stands in its place. */
  readonly lacks: 'v' | null;
  readonly isReversed: boolean;
  /** Parquet: options of the writer. CSV: the line end, a mark of byte order. */
  readonly options: string;
  readonly packing: '' | '.gz';
}

export interface SourceWorld {
  readonly seed: number;
  readonly format: Format;
  readonly writer: Writer;
  /** Of the project and of its storage. */
  readonly projectFolder: string;
  readonly storage: string;
  readonly keyType: 'int64' | 'string';
  readonly declared: DataType | null;
  readonly delimiter: string;
  readonly files: readonly FuzzFile[];
}

const FOLDERS = [
  '',
  'v=9/',
  'k=zed/',
  'ts=2026-01-02/',
  'split=train/label=9/',
  'dt=2026-01-03/',
  'a b/ü=%41/',
  "it's/",
];
/** What a writer can write, in its own words. */
const WRITERS = {
  duckdb: {
    types: PARQUET_TYPES,
    keys: { int64: ['BIGINT', 'INTEGER', 'SMALLINT', 'UINTEGER'], string: ['VARCHAR'] },
    times: ['TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_MS', 'TIMESTAMP_S', 'TIMESTAMP_NS'],
    options: [
      'COMPRESSION snappy',
      'COMPRESSION zstd, PARQUET_VERSION v2',
      'COMPRESSION gzip, ROW_GROUP_SIZE 2048',
      'COMPRESSION uncompressed',
      'COMPRESSION lz4_raw, PARQUET_VERSION v2',
    ],
  },
  pyarrow: {
    types: PYARROW_TYPES,
    keys: {
      int64: ['pa.int64()', 'pa.int32()', 'pa.uint16()', 'pa.uint64()'],
      string: ['pa.string()', 'pa.large_string()', 'pa.dictionary(pa.int32(), pa.string())'],
    },
    times: [
      "pa.timestamp('us')",
      "pa.timestamp('ns', 'Europe/Berlin')",
      "pa.timestamp('ms', 'UTC')",
      "pa.timestamp('s')",
    ],
    options: [
      '',
      'row_group_size=1',
      "compression='zstd', data_page_version='2.0'",
      "compression='brotli', use_dictionary=False",
      "compression='lz4', write_statistics=False",
      "compression='none', store_schema=False",
      "compression='gzip', write_page_index=True",
      'use_deprecated_int96_timestamps=True',
      'use_compliant_nested_type=False, use_content_defined_chunking=True',
    ],
  },
} as const;
const NULLS: Readonly<Record<Writer, string>> = { duckdb: 'NULL', pyarrow: 'None' };
const DELIMITERS = [',', ',', ';', '\t', '|'];

export function sourceWorld(seed: number, writer: Writer): SourceWorld {
  const random = new Random(seed);
  const format = writer === 'pyarrow' ? 'parquet' : random.pick(['parquet', 'parquet', 'csv', 'jsonl'] as const);
  const keyType = random.pick(['int64', 'string'] as const);
  const base = random.pick(WRITERS[writer].types);
  const textTypes = Object.keys(format === 'csv' ? CSV_CELLS : JSON_CELLS) as DataType[];
  const declared = format === 'parquet' ? declaredFor(random, base, writer) : random.pick(textTypes);
  const world = {
    seed,
    format,
    writer,
    keyType,
    declared,
    delimiter: format === 'csv' ? random.pick(DELIMITERS) : ',',
  };
  const count = random.int(1, 3);
  const isCalm = random.chance(0.4);
  const files = Array.from({ length: count }, (_, i) => randomFile(random, { ...world, base, isCalm }, i));
  return { ...world, projectFolder: random.pick(FOLDERS), storage: `${random.pick(FOLDERS)}kept`, files };
}

function declaredFor(random: Random, base: ParquetType, writer: Writer): DataType | null {
  if (random.chance(0.4)) return null;
  const others = WRITERS[writer].types.flatMap(({ own }) => (own === null ? [] : [own]));
  return random.chance(0.6) ? base.own : random.pick(others);
}

interface FileChoice {
  readonly format: Format;
  readonly writer: Writer;
  readonly keyType: SourceWorld['keyType'];
  readonly declared: DataType | null;
  readonly delimiter: string;
  readonly base: ParquetType;
  /** Without drift, and without values that are refused. */
  readonly isCalm: boolean;
}

function randomFile(random: Random, choice: FileChoice, index: number): FuzzFile {
  const { format, writer, keyType, base, isCalm } = choice;
  const { types, keys, times, options } = WRITERS[writer];
  const packing = format !== 'parquet' && random.chance(0.2) ? '.gz' : '';
  const type = format !== 'parquet' ? null : isCalm || random.chance(0.7) ? base : random.pick(types);
  const rows = Array.from({ length: random.int(1, 4) }, (_, i) => ({
    key: keyText(random, keyType, index * 10 + i),
    minute: index * 10 + i,
    cell: randomCell(random, choice, type),
  }));
  return {
    path: `${random.pick(FOLDERS)}f${index}.${format}${packing}`,
    type,
    keyType: random.pick<string>(keys[keyType]),
    timeType: random.pick(times),
    rows,
    lacks: !isCalm && format === 'parquet' && random.chance(0.06) ? 'v' : null,
    isReversed: random.chance(0.3),
    options: format === 'parquet' ? random.pick(options) : random.pick(['\n', '\n', '\r\n']),
    packing,
  };
}

function randomCell(
  random: Random,
  { format, writer, declared, delimiter, isCalm }: FileChoice,
  type: ParquetType | null,
): Cell {
  if (type !== null) {
    const [text, own] = random.chance(0.1) ? [NULLS[writer], null] : random.pick(type.cells);
    return { text, own, reading: null };
  }
  const cells = (format === 'csv' ? CSV_CELLS : JSON_CELLS)[declared ?? 'string'] ?? [];
  const usable = cells.filter(([text, reading]) => {
    const isRight = !isCalm || !reading.mayRefuse;
    return isRight && (format !== 'csv' || text.startsWith('"') || !text.includes(delimiter));
  });
  const [text, reading] = random.pick(usable);
  return { text, own: null, reading };
}

const TEXT_KEYS = ['01234', '1.0', '1', 'true', 'zwölf', ' x', "it''s".replace("''", "'"), 'NULL', '2026-01-01', '_'];

/** Different for each number. */
const keyText = (random: Random, type: SourceWorld['keyType'], number: number): string =>
  type === 'int64' ? String(number + 100) : `${random.pick(TEXT_KEYS)}${number}`;
