// What must be known of a source's files before they are read together. Every file is checked by itself: a reader that
// unites files fills a column that one of them lacks with nulls, and that would be a silent wrong answer.
import { PlumbError } from '../../../schemas/errors.ts';
import { nearestName, oneOf } from '../../nearest.ts';
import type { Source } from '../../registry/catalog.ts';
import { fileList } from '../../sql/duckdb/names.ts';
import type { ScannedFiles } from '../../sql/duckdb/scan.ts';
import type { SourceFile } from '../source-files.ts';
import { physicalTypes } from './parquet-files.ts';
import { readsAs } from './physical-types.ts';
import type { DuckdbSession } from './session.ts';
import { textFiles } from './text/checked-text.ts';

type File = Pick<SourceFile, 'path' | 'localPath'>;

/** SOURCE_MISMATCH where a file lacks a column of the source, or has it in another type. */
export async function checkedFiles(
  session: DuckdbSession,
  source: Source,
  files: readonly File[],
): Promise<ScannedFiles> {
  if (source.format === 'parquet') return await parquetFiles(session, source, files);
  return await textFiles(source, files);
}

async function parquetFiles(session: DuckdbSession, source: Source, files: readonly File[]): Promise<ScannedFiles> {
  const paths = files.map(({ localPath }) => localPath);
  if (paths.length === 0) return { paths, physical: new Map() };
  const physical = await physicalTypes(session, paths);
  const rows = await session.rows(
    `SELECT file_name, list(name) AS names FROM parquet_schema(${fileList(paths)}) GROUP BY file_name`,
  );
  const names = new Map(rows.map((row) => [String(row.file_name), (row.names as readonly unknown[]).map(String)]));
  for (const { path, localPath } of files) requireColumns(source, path, names.get(localPath) ?? []);
  for (const [name, expected] of source.columns) {
    const found = physical.get(name) ?? '';
    if (readsAs(found, expected)) continue;
    throw new PlumbError(
      'SOURCE_MISMATCH',
      `source ${source.name}, column ${name}: found ${found}, expected ${expected}; mend the files, or change the column's type and run plumb apply`,
    );
  }
  return { paths, physical };
}

function requireColumns(source: Source, path: string, names: readonly string[]): void {
  const missing = [...source.columns.keys()].find((name) => !names.includes(name));
  if (missing === undefined) return;
  const nearest = nearestName(missing, names);
  throw new PlumbError(
    'SOURCE_MISMATCH',
    `source ${source.name}: ${path} has no column ${missing}; it has ${oneOf(names)}${nearest === null ? '' : `; was ${nearest} meant?`}`,
    { details: { source: source.name, file: path, column: missing } },
  );
}
