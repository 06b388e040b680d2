// What Parquet footers tell without reading rows: physical types, and which files and row groups a time range touches.

import { PlumbError } from '../../../schemas/errors.ts';
import { isIntegerType } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import { fileList, text } from '../../sql/duckdb/names.ts';
import { foldersInRange } from '../../sql/duckdb/scan-folders.ts';
import type { ParquetGroup } from '../../sql/duckdb/scan-parquet.ts';
import { engineType, numberInstant, timestampOf } from '../../sql/duckdb/source-instants.ts';
import { totalRows } from '../../storage/totals.ts';
import type { ScanStatistics } from '../compute.ts';
import { folderValues } from '../folder-values.ts';
import type { LocalFile } from './local-jobs.ts';
import { parquetGroups } from './parquet-shapes.ts';
import type { DuckdbSession } from './session.ts';

/** Rows with `ts >= eventMicros`, or `created >= createdMicros`; inclusive upper bound on ts where given. */
export interface WantedRows {
  readonly fromMicros: bigint | null;
  readonly createdFromMicros: bigint | null;
  readonly toMicros: bigint | null;
}

interface RowGroup {
  readonly path: string;
  readonly rows: number;
  readonly wanted: boolean;
}

/** The files that can hold wanted rows, and what will be read of them. Without statistics a row group is read. */
export async function selectFiles(
  session: DuckdbSession,
  source: Source,
  files: readonly LocalFile[],
  wanted: WantedRows,
): Promise<{ readonly files: readonly LocalFile[]; readonly scanned: ScanStatistics }> {
  const groups = await rowGroups(session, source, files.filter(reaches(source, wanted)), wanted);
  const chosen = files.filter(({ localPath }) => groups.some((group) => group.path === localPath && group.wanted));
  const read = groups.filter((group) => group.wanted);
  const scanned = {
    rows: totalRows(read),
    files: chosen.length,
    filesTotal: files.length,
    rowGroups: read.length,
    rowGroupsTotal: groups.length,
  };
  return { files: chosen, scanned };
}

/** Whether the folder of a file can hold wanted rows. */
const reaches = (source: Source, { fromMicros, createdFromMicros, toMicros }: WantedRows) => {
  if (source.partitionColumns === undefined) return () => true;
  const range = { fromMicros: createdFromMicros === null ? fromMicros : null, toMicros };
  return ({ path, localPath }: LocalFile): boolean =>
    foldersInRange(source, [{ paths: [localPath], values: folderValues(source, path) }], range).length > 0;
};

async function rowGroups(
  session: DuckdbSession,
  source: Source,
  files: readonly LocalFile[],
  wanted: WantedRows,
): Promise<RowGroup[]> {
  const { timestampColumn, createdTimestampColumn: created } = source;
  const groups = await parquetGroups(
    session,
    files,
    new Set([timestampColumn, ...(created === null ? [] : [created])]),
  );
  const found = await Promise.all(groups.map((group) => groupRowGroups(session, source, group, wanted)));
  return found.flat();
}

/** The engine cannot show an instant that no calendar has (NaT written as a number), nor statistics with one: all is read then. */
async function groupRowGroups(
  session: DuckdbSession,
  source: Source,
  { paths, physical }: ParquetGroup,
  wanted: WantedRows,
): Promise<RowGroup[]> {
  const list = fileList(paths);
  const rows = await session
    .rows(
      `SELECT file_name, any_value(row_group_num_rows) AS rows, coalesce(bool_and(${wantedSql(source, physical, wanted)}), true) AS wanted
     FROM (SELECT m.file_name, m.row_group_id, m.row_group_num_rows,
       ${statistic(source.timestampColumn, 'stats_min_value')} AS ts_min, ${statistic(source.timestampColumn, 'stats_max_value')} AS ts_max,
       ${statistic(source.createdTimestampColumn, 'stats_max_value')} AS created_max
       FROM parquet_metadata(${list}) m GROUP BY ALL) GROUP BY file_name, row_group_id`,
    )
    .catch(async (error: unknown) => {
      if (!(error instanceof PlumbError) || error.code !== 'ENGINE_FAILED') throw error;
      return await session.rows(
        `SELECT file_name, num_rows / num_row_groups AS rows, true AS wanted FROM parquet_file_metadata(${list}), range(num_row_groups)`,
      );
    });
  return rows.map((row) => ({ path: String(row.file_name), rows: Number(row.rows), wanted: row.wanted === true }));
}

const statistic = (column: string | null, name: string): string =>
  column === null ? 'CAST(NULL AS VARCHAR)' : `max(${name}) FILTER (WHERE path_in_schema = ${text(column)})`;

/** Null (unknown) where a statistic is missing, which the caller reads as wanted. */
function wantedSql(source: Source, physical: ReadonlyMap<string, string>, wanted: WantedRows): string {
  const ts = (name: string): string => statisticMicros(name, source.timestampColumn, source, physical);
  const conditions: string[] = [];
  const recent: string[] = [];
  if (wanted.fromMicros !== null) recent.push(`${ts('ts_max')} >= ${wanted.fromMicros}`);
  if (wanted.createdFromMicros !== null && source.createdTimestampColumn !== null) {
    recent.push(
      `${statisticMicros('created_max', source.createdTimestampColumn, source, physical)} >= ${wanted.createdFromMicros}`,
    );
  }
  if (recent.length > 0) conditions.push(`(${recent.join(' OR ')})`);
  if (wanted.toMicros !== null) conditions.push(`${ts('ts_min')} <= ${wanted.toMicros}`);
  return conditions.join(' AND ') || 'true';
}

/** Statistics come as text. */
function statisticMicros(value: string, column: string, source: Source, physical: ReadonlyMap<string, string>): string {
  const type = physical.get(column) ?? 'VARCHAR';
  const unit = column === source.timestampColumn ? source.timestampUnit : source.createdTimestampUnit;
  if (unit === null) return `TRY(epoch_us(${timestampOf(`TRY_CAST(${value} AS ${engineType(type)})`, type)}))`;
  const isInteger = isIntegerType(source.columns.get(column) ?? 'float64');
  return `TRY(${numberInstant(`TRY_CAST(${value} AS ${isInteger ? 'BIGINT' : 'DOUBLE'})`, unit, !isInteger)})`;
}

/** Rows of text files can only be counted by reading them. */
export async function countTextRows(session: DuckdbSession, reader: string): Promise<number> {
  return Number((await session.row(`SELECT count(*) AS n FROM ${reader}`)).n);
}
