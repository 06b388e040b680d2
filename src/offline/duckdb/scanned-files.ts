// What must be known of a source's files before they are read together. Every file is checked by itself: a reader that
// unites files fills a column that one of them lacks with nulls, and that would be a silent wrong answer.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Source } from '../../catalog/catalog.ts';
import { LAKE_COLUMNS } from '../../catalog/lake-columns.ts';
import { nearestName, oneOf } from '../../nearest.ts';
import type { ScannedFiles } from '../../sql/duckdb/scan.ts';
import { type Folder, filesOnly } from '../../sql/duckdb/scan-folders.ts';
import { folderValues } from '../folder-values.ts';
import type { LocalFile } from './local-jobs.ts';
import { columnNames, parquetGroups } from './parquet-shapes.ts';
import { NO_TYPE, readsAs } from './physical-types.ts';
import type { DuckdbSession } from './session.ts';
import { textFiles } from './text/checked-text.ts';

type File = Pick<LocalFile, 'path' | 'localPath' | 'isOfHistory'>;

/** SOURCE_MISMATCH where a file lacks a column of the source, or has it in another type. `used`: of Parquet, only these. */
export async function checkedFiles(
  session: DuckdbSession,
  source: Source,
  files: readonly File[],
  used: ReadonlySet<string> = new Set(source.columns.keys()),
): Promise<ScannedFiles> {
  if (source.kind === 'stream') return await streamFiles(session, source, files, used);
  if (source.partitionColumns === undefined) return await filesOfFormat(session, source, { files, used });
  const folders = foldersOf(source, files);
  const checked = await filesOfFormat(session, source, { files, used });
  const read = new Set(checked.paths);
  return {
    ...checked,
    folders: folders.map((folder) => ({ ...folder, paths: folder.paths.filter((path) => read.has(path)) })),
  };
}

/** Parts of the lake that were written before a column was declared lack it: it is null there. */
async function streamFiles(
  session: DuckdbSession,
  source: Source,
  files: readonly File[],
  used: ReadonlySet<string>,
): Promise<ScannedFiles> {
  const { history } = source.stream ?? {};
  const before = files.filter(({ isOfHistory }) => isOfHistory === true);
  const parts = files.filter(({ isOfHistory }) => isOfHistory !== true);
  const needed = new Set([...used, source.timestampColumn, ...Object.values(LAKE_COLUMNS)]);
  const groups = (await parquetGroups(session, parts, needed)).map(({ paths, physical }) => ({
    paths,
    physical: new Map([...needed].map((name) => [name, physical.get(name) ?? NO_TYPE])),
  }));
  for (const { paths, physical } of groups)
    requireTypes(source, parts.find(({ localPath }) => localPath === paths[0])?.path ?? '', physical);
  const lake = { paths: parts.map(({ localPath }) => localPath), physical: new Map(), groups };
  if (history == null) return lake;
  const { columns, timestampColumn, createdTimestampColumn: created } = history.source;
  const own = [...used].filter((name) => columns.has(name));
  const ofHistory = new Set([...own, timestampColumn, ...(created === null ? [] : [created])]);
  return { ...lake, history: await checkedFiles(session, history.source, before, ofHistory) };
}

interface FilesToCheck {
  readonly files: readonly File[];
  readonly used: ReadonlySet<string>;
}

async function filesOfFormat(
  session: DuckdbSession,
  source: Source,
  { files, used }: FilesToCheck,
): Promise<ScannedFiles> {
  if (source.format === 'parquet') return await parquetFiles(session, source, { files, used });
  const checked = await textFiles(filesOnly(source), files);
  for (const { path, localPath } of files) refuseInFile(source, path, checked.headers?.get(localPath) ?? []);
  return checked;
}

/** Files by what their folders say. */
function foldersOf(source: Source, files: readonly File[]): readonly Folder[] {
  const folders = new Map<string, { paths: string[]; values: Folder['values'] }>();
  for (const { path, localPath } of files) {
    const values = folderValues(source, path);
    const key = JSON.stringify([...values.values()].map((value) => (value === null ? null : `${value}`)));
    const folder = folders.get(key) ?? { paths: [], values };
    folder.paths.push(localPath);
    folders.set(key, folder);
  }
  return [...folders.values()];
}

function refuseInFile({ name, partitionColumns }: Source, path: string, names: readonly string[]): void {
  const twice = [...(partitionColumns?.keys() ?? [])].find((column) => names.includes(column));
  if (twice === undefined) return;
  throw new PlumbError(
    'SOURCE_MISMATCH',
    `source ${name}, column ${twice}: ${path} has it as a column, expected it in the names of folders alone; take it out of partitionColumns, or out of the files`,
    { details: { source: name, file: path, column: twice } },
  );
}

async function parquetFiles(
  session: DuckdbSession,
  source: Source,
  { files, used: all }: FilesToCheck,
): Promise<ScannedFiles> {
  const inFolders = [...(source.partitionColumns?.keys() ?? [])];
  const groups = await parquetGroups(session, files, new Set([...all, ...inFolders]));
  const used = new Set([...all].filter((name) => !inFolders.includes(name)));
  for (const group of groups) {
    const path = files.find(({ localPath }) => localPath === group.paths[0])?.path ?? '';
    refuseInFile(source, path, [...group.physical.keys()]);
    const missing = [...used].some((name) => !group.physical.has(name));
    if (missing) requireColumns(source, path, await columnNames(session, group.paths[0] ?? ''), used);
    requireTypes(source, path, group.physical);
  }
  return { paths: files.map(({ localPath }) => localPath), physical: new Map(), groups };
}

function requireTypes(source: Source, path: string, physical: ReadonlyMap<string, string>): void {
  for (const [name, found] of physical) {
    const expected = source.columns.get(name);
    if (expected === undefined || readsAs(found, expected)) continue;
    throw new PlumbError(
      'SOURCE_MISMATCH',
      `source ${source.name}, column ${name}: ${path} has ${found}, expected ${expected}; mend the file, or change the column's type and run plumb apply`,
      { details: { source: source.name, file: path, column: name, found, expected } },
    );
  }
}

function requireColumns(
  source: Source,
  path: string,
  names: readonly string[],
  used: ReadonlySet<string> = new Set(source.columns.keys()),
): void {
  const missing = [...used].find((name) => !names.includes(name));
  if (missing === undefined) return;
  const nearest = nearestName(missing, names);
  throw new PlumbError(
    'SOURCE_MISMATCH',
    `source ${source.name}: ${path} has no column ${missing}; it has ${oneOf(names)}${nearest === null ? '' : `; was ${nearest} meant?`}`,
    { details: { source: source.name, file: path, column: missing } },
  );
}
