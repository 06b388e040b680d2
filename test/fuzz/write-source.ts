// Writes the files of a world: Parquet by an engine of the test's own or by pyarrow, text byte by byte.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { PyarrowFile, PyarrowWriter } from './pyarrow-writer.ts';
import type { FuzzFile, FuzzRow, SourceWorld } from './source-world.ts';

export const FIRST = Date.UTC(2026, 0, 5);
export const instantAt = (minute: number): string => new Date(FIRST + minute * 60_000).toISOString();

export async function writeSource(folder: string, world: SourceWorld, pyarrow: PyarrowWriter | null): Promise<void> {
  for (const file of world.files) {
    const path = join(folder, 'data', file.path);
    await mkdir(dirname(path), { recursive: true });
    if (world.format === 'parquet' && world.writer === 'pyarrow') await pyarrow?.write(pyarrowFile(path, file));
    else if (world.format === 'parquet') await copyTo(path, selectOf(file), file.options);
    else
      await writeFile(
        path,
        packed(file, world.format === 'csv' ? csvOf(file, world.delimiter) : jsonOf(file, world.keyType === 'int64')),
      );
  }
}

let shared: Promise<Awaited<ReturnType<DuckDBInstance['connect']>>> | undefined;
const connection = () => (shared ??= DuckDBInstance.create(':memory:').then((instance) => instance.connect()));

export async function copyTo(path: string, select: string, options = 'COMPRESSION snappy'): Promise<void> {
  const target = path.replaceAll("'", "''");
  await (await connection()).run(`COPY (${select}) TO '${target}' (FORMAT parquet, ${options})`);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function selectOf(file: FuzzFile): string {
  const rows = file.rows.map((row) => {
    const items = itemsOf(file, row);
    return `SELECT ${file.isReversed ? items.toReversed() : items}`;
  });
  return rows.join(' UNION ALL ');
}

function itemsOf(file: FuzzFile, { key, minute, cell }: FuzzRow): readonly string[] {
  const value = `CAST(${cell.text} AS ${file.type?.spelled})`;
  return [
    `CAST(${quoted(key)} AS ${file.keyType}) AS k`,
    `CAST(${quoted(instantAt(minute).replace('Z', ''))} AS ${file.timeType}) AS ts`,
    file.lacks === 'v' ? `{'v': ${value}, 'element': 1} AS other` : `${value} AS v`,
    `{'k': 'nested', 'v': 7, 'ts': TIMESTAMP '2001-01-01'} AS decoy`,
  ];
}

const DECOY = ['decoy', "pa.struct([('k', pa.string()), ('v', pa.int64())])"] as const;
const OTHER = (type: string): string => `pa.struct([('v', ${type}), ('element', pa.int64())])`;

function pyarrowFile(
  path: string,
  { keyType, timeType, type, rows, lacks, isReversed, options }: FuzzFile,
): PyarrowFile {
  const unit = /timestamp\('(\w+)'/.exec(timeType)?.[1];
  const spelled = type?.spelled ?? '';
  const isNumber = /int/.test(keyType) && !keyType.includes('string');
  const values = rows.map(({ cell }) => cell.text);
  const columns: PyarrowFile['columns'] = [
    ['k', keyType, rows.map(({ key }) => (isNumber ? key : JSON.stringify(key)))],
    ['ts', timeType, rows.map(({ minute }) => `at('${instantAt(minute).replace('Z', '')}', '${unit}')`)],
    lacks === 'v'
      ? ['other', OTHER(spelled), values.map((value) => `{'v': ${value}, 'element': 1}`)]
      : ['v', spelled, values],
    [...DECOY, rows.map(() => `{'k': 'nested', 'v': 7}`)],
  ];
  return { path, columns: isReversed ? columns.toReversed() : columns, options };
}

const packed = (file: FuzzFile, text: string): string | Buffer => (file.packing === '.gz' ? gzipSync(text) : text);

function csvOf(file: FuzzFile, delimiter: string): string {
  const line = (fields: readonly string[]) =>
    `${(file.isReversed ? fields.toReversed() : fields).join(delimiter)}${file.options}`;
  const rows = file.rows.map(({ key, minute, cell }) => line([`"${key}"`, instantAt(minute), cell.text]));
  return [line(['k', 'ts', 'v']), ...rows].join('');
}

function jsonOf(file: FuzzFile, isNumeric: boolean): string {
  const line = ({ key, minute, cell }: FuzzRow) => {
    const fields = [`"k":${isNumeric ? key : JSON.stringify(key)}`, `"ts":"${instantAt(minute)}"`, `"v":${cell.text}`];
    return `{${(file.isReversed ? fields.toReversed() : fields).join(', ')}}${file.options}`;
  };
  return file.rows.map(line).join('');
}

/** The rows of a Parquet file in order, as JSON objects; instants as RFC 3339 text, what is not finite as null. */
export async function rowsAsJson(path: string): Promise<readonly string[]> {
  const file = quoted(path);
  const described = await (await connection()).runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${file})`);
  const items = described.getRowObjectsJson().map(({ column_name, column_type }) => {
    const name = `"${String(column_name).replaceAll('"', '""')}"`;
    const type = String(column_type);
    if (/^(TIMESTAMP|DATE)/.test(type)) return `strftime(${name}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%fZ') AS ${name}`;
    return /^(FLOAT|DOUBLE)$/.test(type) ? `CASE WHEN isfinite(${name}) THEN ${name} END AS ${name}` : name;
  });
  const select = `SELECT to_json(row)::VARCHAR AS json FROM (SELECT ${items.join(', ')} FROM read_parquet(${file})) AS row`;
  const rows = await (await connection()).runAndReadAll(select);
  return rows.getRowObjectsJson().map(({ json }) => String(json));
}
