// Labels in CSV: comma, double quotes, a header, empty for null. A column has the first type that all of its text fits.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileList, ident, text } from '../../../sql/duckdb/names.ts';
import { diskFailure } from '../../../storage/disk-failure.ts';
import { readCsvHeader } from '../csv-header.ts';
import type { DuckdbSession } from '../session.ts';
import { type Column, invalid, type OpenedLabels, refuseNames } from './columns.ts';
import { CsvScan } from './csv-scan.ts';
import { requireFewColumns, type ShapeLimits } from './label-shape.ts';
import { withLineFeeds } from './line-feeds.ts';

export interface CsvLabels {
  readonly path: string;
  readonly name: string;
  readonly limits: ShapeLimits;
  readonly folder: string;
  readonly timestampColumn: string;
  /** Join keys are left as text, which converts exactly later. */
  readonly keys: readonly string[];
}

/**
 * What CSV text must look like to be read as a value: text that the value would be written as again. Anything else (`007`,
 * `1_000`, `1.10`, a number of more digits than its type holds) stays text.
 */
const PATTERNS: readonly (readonly [type: string, pattern: string])[] = [
  ['BOOLEAN', 'true|false'],
  ['BIGINT', '0|-?[1-9][0-9]{0,18}'],
  ['DOUBLE', '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?'],
];

export async function csvLabels(session: DuckdbSession, labels: CsvLabels): Promise<OpenedLabels> {
  const path = await checkedCsv(labels);
  const names = await readCsvHeader(path);
  if (names.length === 0) throw invalid('the labels file is empty: it has not even a header');
  requireFewColumns(names.length, labels.name, labels.limits);
  refuseNames(names);
  const reader = readerSql(path, names);
  const columns = await typedColumns(session, reader, { ...labels, names });
  const items = columns.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`);
  return { from: `(SELECT ${items.join(', ')} FROM ${reader})`, columns };
}

/** Nothing is sniffed, skipped or padded. */
const readerSql = (path: string, names: readonly string[]): string =>
  `read_csv(${fileList([path])}, header = true, auto_detect = false, hive_partitioning = false, compression = 'none', delim = ',', quote = '"', escape = '"', columns = {${names.map((name) => `${text(name)}: 'VARCHAR'`).join(', ')}}, strict_mode = true, null_padding = false, nullstr = '', allow_quoted_nulls = false)`;

/** The engine reads one kind of line end in a file: files that mix them are written again. */
async function checkedCsv({ path, name, folder }: CsvLabels): Promise<string> {
  const scan = new CsvScan(name);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) scan.push(chunk as Buffer);
  scan.end();
  if (scan.lineEnds.size <= 1 && !scan.lineEnds.has('CR')) return path;
  const target = join(folder, 'labels-with-line-feeds.csv');
  try {
    await pipeline(createReadStream(path), withLineFeeds, createWriteStream(target));
  } catch (cause) {
    throw diskFailure(cause, 'storage', 'writing labels');
  }
  return target;
}

async function typedColumns(
  session: DuckdbSession,
  reader: string,
  { names, keys, timestampColumn }: CsvLabels & { readonly names: readonly string[] },
): Promise<readonly Column[]> {
  const checks = names.flatMap((name, i) =>
    PATTERNS.map(([type, pattern]) => {
      const fits = fitsSql(ident(name), { type, pattern, isInstant: name === timestampColumn });
      return `coalesce(bool_and(${fits}), false) AS ${type.toLowerCase()}_${i}`;
    }),
  );
  const matches = await session.row(`SELECT ${checks.join(', ')} FROM ${reader}`);
  return names.map((name, i) => {
    const fitting = PATTERNS.find(([type]) => matches[`${type.toLowerCase()}_${i}`] === true)?.[0] ?? 'VARCHAR';
    return { name, type: keys.includes(name) ? 'VARCHAR' : fitting };
  });
}

interface Pattern {
  readonly type: string;
  readonly pattern: string;
  /** The instant of a label may be any number: it is used as one. */
  readonly isInstant: boolean;
}

/** Null for null. */
function fitsSql(raw: string, { type, pattern, isInstant }: Pattern): string {
  const matches = `regexp_full_match(${raw}, ${text(pattern)})`;
  if (type === 'BIGINT') return `(${matches} AND (${raw} IS NULL OR TRY_CAST(${raw} AS BIGINT) IS NOT NULL))`;
  if (type !== 'DOUBLE' || isInstant) return matches;
  return `(${matches} AND coalesce(CAST(TRY_CAST(${raw} AS DOUBLE) AS VARCHAR), '') IN (${raw}, ${raw} || '.0'))`;
}
