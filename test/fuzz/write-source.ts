// Writes the files of a world: Parquet by an engine of the test's own, text byte by byte.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { FuzzFile, FuzzRow, SourceWorld } from './source-world.ts';

export const FIRST = Date.UTC(2026, 0, 5);
export const instantAt = (minute: number): string => new Date(FIRST + minute * 60_000).toISOString();

export async function writeSource(folder: string, world: SourceWorld): Promise<void> {
  for (const file of world.files) {
    const path = join(folder, 'data', file.path);
    await mkdir(dirname(path), { recursive: true });
    if (world.format === 'parquet') await copyTo(path, selectOf(file), file.options);
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
  const value = `CAST(${cell.text} AS ${file.type?.sql})`;
  return [
    `CAST(${quoted(key)} AS ${file.keySql}) AS k`,
    `CAST(${quoted(instantAt(minute).replace('Z', ''))} AS ${file.timeSql}) AS ts`,
    file.lacks === 'v' ? `{'v': ${value}, 'element': 1} AS other` : `${value} AS v`,
    `{'k': 'nested', 'v': 7, 'ts': TIMESTAMP '2001-01-01'} AS decoy`,
  ];
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
