// A source's files → a FROM item with normalised columns c0… and `ts`, `created` in microseconds. Non-finite numbers read
// as null and -0 as 0; instants floor to microseconds; text that is not a value of its declared type fails the query,
// naming the column.
import type { DataType } from '../../../schemas/types.ts';
import { elementType, isFloatType } from '../../../schemas/types.ts';
import type { Source, TimestampUnit } from '../../catalog/catalog.ts';
import type { TimeRange } from '../../plan/time-range.ts';
import type { ScanSql } from '../rows.ts';
import { ident, typeName } from './names.ts';
import { boundedMicros, boundingColumn, type Folder, filesOnly, foldersInRange, folderValue } from './scan-folders.ts';
import { type ParquetGroup, parquetColumn, parquetReader, pruningConditions } from './scan-parquet.ts';
import { streamScanSql } from './scan-stream.ts';
import { linesSql, textAs, textReaderSql } from './scan-text.ts';
import type { ScanFiles, ScannedFiles, ScanOptions } from './scanned.ts';
import { finiteNumberInstant, finiteTimestamp } from './source-instants.ts';

export { textInstant } from './scan-text.ts';
export type { Compression, ScannedFiles } from './scanned.ts';
export { numberInstant, timestampOf } from './source-instants.ts';

export const scanSql: ScanFiles = (source, files, range, options) =>
  source.kind === 'stream'
    ? streamScanSql(filesScanSql, { source, files, range, options })
    : filesScanSql(source, files, range, options);

function filesScanSql(
  source: Source,
  files: ScannedFiles,
  range: TimeRange,
  { used = new Set(source.columns.keys()), withFile = false }: ScanOptions = {},
): ScanSql {
  const { timestampColumn, timestampUnit, createdTimestampColumn: created, createdTimestampUnit } = source;
  const bounding = boundingColumn(source);
  const needed = new Set([...used, timestampColumn, ...[created, bounding].filter((name) => name !== null)]);
  const names = [...source.columns.keys()];
  const column = (name: string): string => `c${names.indexOf(name)}`;
  const scanned = { source, column, names: names.filter((name) => needed.has(name)), withFile };
  const micros = microsSql(scanned, timestampColumn, timestampUnit);
  const ts = bounding === null ? micros : boundedMicros(source, micros, column(bounding));
  const items = [...scanned.names.map(column), `${ts} AS ts`];
  if (created !== null) items.push(`${microsSql(scanned, created, createdTimestampUnit)} AS created`);
  if (withFile) items.push('file');
  const from = selects(scanned, files, range).join('\nUNION ALL\n');
  return { from: `(\nSELECT ${items.join(', ')}\nFROM (\n${from}\n)\n)`, column, hasCreated: created !== null };
}

/** What a table of events has besides their text, which is in `json`. */
export const EVENT_COLUMNS = { offset: 'event_offset', appendMicros: 'append_micros' } as const;

/**
 * Events of a stream in a table. Their values are read by the SQL that reads text files, so an event means what a line of a
 * file would. Push has checked each value, so the guards for lines of JSON that others write are left out: cells of CSV have
 * none. Events stamped before the end of `history` are left out too. Besides what every scan yields there is `event_offset`.
 */
export function eventScanSql(stream: Source, table: string): ScanSql {
  const { offset, appendMicros } = EVENT_COLUMNS;
  const source: Source = { ...stream, format: 'csv' };
  const untilMicros = stream.stream?.history?.untilMicros ?? null;
  const counted = untilMicros === null ? '' : `\nWHERE ts >= ${untilMicros}`;
  const names = [...source.columns.keys()];
  const column = (name: string): string => `c${names.indexOf(name)}`;
  const carried = `${offset}, ${appendMicros}`;
  const lines = `SELECT json, 'the event log' AS file, ${carried} FROM ${table}`;
  const typed = textColumn(source);
  const items = names.map((name) => {
    const type = source.columns.get(name) as DataType;
    return `${normalised(typed(name), type)} AS ${column(name)}`;
  });
  const ts = microsSql({ source, column, names, withFile: false }, source.timestampColumn, source.timestampUnit);
  const rows = `SELECT ${items.join(', ')}, ${carried}\nFROM (${linesSql(source, lines, `json, file, ${carried}`)})`;
  const from = `(\nSELECT * FROM (\nSELECT *, ${ts} AS ts, ${appendMicros} AS created\nFROM (\n${rows}\n)\n)${counted}\n)`;
  return { from, column, hasCreated: true };
}

interface Scanned {
  readonly source: Source;
  /** The columns that are read. */
  readonly names: readonly string[];
  readonly column: (name: string) => string;
  readonly withFile: boolean;
}

function selects(scanned: Scanned, files: ScannedFiles, range: TimeRange): string[] {
  const { source } = scanned;
  const folders = foldersInRange(source, files.folders ?? [{ paths: files.paths, values: new Map() }], range);
  const filled = folders.filter(({ paths }) => paths.length > 0);
  if (filled.length === 0) return [select(scanned, emptyFrom(source), ident)];
  return filled.flatMap((folder) =>
    source.format === 'parquet'
      ? parquetSelects(scanned, groupsIn(files, folder), { folder, range })
      : [select(scanned, readerSql(filesOnly(source), { ...files, paths: folder.paths }), textColumn(source), folder)],
  );
}

/** The groups of files with alike columns, cut down to one folder. */
function groupsIn(files: ScannedFiles, { paths }: Folder): readonly ParquetGroup[] {
  const inFolder = new Set(paths);
  return (files.groups ?? [files])
    .map(({ paths, physical }) => ({ paths: paths.filter((path) => inFolder.has(path)), physical }))
    .filter(({ paths }) => paths.length > 0);
}

const parquetSelects = (
  scanned: Scanned,
  groups: readonly ParquetGroup[],
  { folder, range }: { readonly folder: Folder; readonly range: TimeRange },
): string[] =>
  groups.map((group) => {
    const { source } = scanned;
    const physical = (name: string): string => group.physical.get(name) ?? '';
    const typed = (name: string): string => parquetColumn(source, name, physical(name));
    const sql = select(scanned, parquetReader(group), typed, folder);
    const where = pruningConditions(source, physical(source.timestampColumn), range);
    return where.length === 0 ? sql : `${sql}\nWHERE ${where.join(' AND ')}`;
  });

/** `typed`: the SQL of a column in its declared type. */
function select(
  { source, names, column, withFile }: Scanned,
  from: string,
  typed: (name: string) => string,
  folder?: Folder,
): string {
  const items = names.map((name) => {
    const type = source.columns.get(name) as DataType;
    const value = folder?.values.get(name);
    const sql = value === undefined ? normalised(typed(name), type) : folderValue(value, type);
    return `${sql} AS ${column(name)}`;
  });
  if (withFile) items.push(`${folder === undefined ? "''" : fileColumn(source)} AS file`);
  return `SELECT ${items.join(', ')}\nFROM ${from}`;
}

/** What readers call the file of a row: Parquet's by itself. */
const fileColumn = ({ format }: Source): string => (format === 'parquet' ? 'CAST(filename AS VARCHAR)' : 'file');

/** Columns of the declared types: nothing is left to convert. */
const emptyFrom = ({ columns }: Source): string =>
  `(SELECT ${[...columns].map(([name, type]) => `CAST(NULL AS ${typeName(type)}) AS ${ident(name)}`).join(', ')} WHERE false)`;

export const readerSql = textReaderSql;

const textColumn =
  (source: Source) =>
  (name: string): string => {
    const type = source.columns.get(name) as DataType;
    const sql = textAs(source, name, type);
    if (type === 'timestamp') return finiteTimestamp(sql);
    return type === 'list<timestamp>' ? `list_transform(${sql}, lambda item: ${finiteTimestamp('item')})` : sql;
  };

/** Floats: non-finite → null, -0 → 0; lists element by element. */
function normalised(sql: string, type: DataType): string {
  const element = elementType(type);
  if (element === null) return isFloatType(type) ? finite(sql, type) : sql;
  if (!isFloatType(element)) return sql;
  return `CAST(list_transform(${sql}, lambda item: ${finite('item', element)}) AS ${typeName(type)})`;
}

const finite = (sql: string, type: DataType): string =>
  `CASE WHEN isfinite(${sql}) THEN ${sql} + CAST(0 AS ${typeName(type)}) END`;

function microsSql({ source, column }: Scanned, name: string, unit: TimestampUnit | null): string {
  if (unit === null) return `epoch_us(${column(name)})`;
  const isFloat = isFloatType(source.columns.get(name) ?? 'int64');
  return finiteNumberInstant(column(name), { unit, isFloat, where: `source ${source.name}, column ${name}` });
}
