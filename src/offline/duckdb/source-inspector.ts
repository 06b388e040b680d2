// What real source files hold, for the checks of `apply`.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Source } from '../../catalog/catalog.ts';
import type { SourceInspector, SourceShape } from '../../definitions/source-inspector.ts';
import { ident } from '../../sql/duckdb/names.ts';
import { type ScannedFiles, scanSql } from '../../sql/duckdb/scan.ts';
import type { ParquetGroup } from '../../sql/duckdb/scan-parquet.ts';
import type { SourceFiles } from '../../storage/source-files.ts';
import { type LocalFile, localFile, localPaths } from './local-jobs.ts';
import { parquetGroups } from './parquet-shapes.ts';
import { readsAs } from './physical-types.ts';
import { checkedFiles } from './scanned-files.ts';
import type { EngineLimits } from './session.ts';
import { DuckdbSession } from './session.ts';
import { textColumns } from './text/text-columns.ts';
import { unitedShape } from './united-shape.ts';

type Problems = Awaited<ReturnType<SourceInspector['check']>>;

/** Rows that `check` reads of a text source; the whole of it is checked whenever it is used. */
const CHECKED_ROWS = 1000;

export function createDuckdbSourceInspector(limits: EngineLimits, sourceFiles: SourceFiles): SourceInspector {
  const open = (files: readonly LocalFile[]): Promise<DuckdbSession> =>
    DuckdbSession.open({ ...limits, ...pathsOf(files), folders: [] });
  return {
    inspect: async (source) => {
      const { path } = source;
      const files = (await sourceFiles.list(path)).map(localFile);
      if (files.length === 0)
        return { fileCount: 0, whyEmpty: await sourceFiles.explainEmpty(path), columns: new Map() };
      await using session = await open(files);
      return { fileCount: files.length, columns: await readable(path, () => columnsOf(session, source, files)) };
    },
    check: async (source) => {
      const files = (await sourceFiles.list(source.path)).map(localFile);
      if (files.length === 0) return [];
      await using session = await open(files);
      return await problemsOf(session, source, files);
    },
  };
}

function pathsOf(files: readonly LocalFile[]) {
  const paths = localPaths(files);
  return { files: paths, foreign: paths };
}

async function readable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'ENGINE_FAILED') throw error;
    throw new PlumbError(
      'SOURCE_MISMATCH',
      `${path} cannot be read: ${error.message.replace('the engine failed: ', '')}`,
      { cause: error },
    );
  }
}

async function columnsOf(
  session: DuckdbSession,
  source: Pick<Source, 'path' | 'format' | 'csv'>,
  files: readonly LocalFile[],
): Promise<SourceShape['columns']> {
  if (source.format === 'parquet') return unitedShape(files, await parquetGroups(session, files, null));
  return await textColumns(session, source, files);
}

async function problemsOf(session: DuckdbSession, source: Source, files: readonly LocalFile[]): Promise<Problems> {
  if (source.format === 'parquet') {
    const groups = await parquetGroups(session, files, new Set(source.columns.keys()));
    const wrong = groups.flatMap((group) => wrongColumns(source, files, group));
    if (wrong.length > 0) return wrong;
  }
  try {
    const checked = await checkedFiles(
      session,
      source,
      files.filter(({ sizeBytes }) => sizeBytes > 0),
    );
    return checked.paths.length === 0 || source.format === 'parquet'
      ? []
      : await textProblems(session, source, checked);
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'SOURCE_MISMATCH') throw error;
    const column = typeof error.details.column === 'string' ? error.details.column : null;
    return [{ column, found: error.message, expected: 'every file with every declared column' }];
  }
}

function wrongColumns(source: Source, files: readonly LocalFile[], { paths, physical }: ParquetGroup): Problems {
  const path = files.find(({ localPath }) => localPath === paths[0])?.path ?? '';
  return [...physical].flatMap(([column, found]) => {
    const expected = source.columns.get(column);
    return expected === undefined || readsAs(found, expected)
      ? []
      : [{ column, found: `${found} in ${path}`, expected }];
  });
}

/** `source s, file f.csv, column c: found 'x', expected …` → `x in f.csv`. */
function valueAndFile(message: string): string {
  const [, file, value] = /(?:, file (.+?))?, column .+?: found '([^']*)'/s.exec(message) ?? [];
  if (value === undefined) return message;
  return file === undefined ? value : `${value} in ${file}`;
}

/** Reads the first rows column by column, so that every column that does not convert is named. */
async function textProblems(session: DuckdbSession, source: Source, files: ScannedFiles): Promise<Problems> {
  const scan = scanSql(source, files, { fromMicros: null, toMicros: null });
  const problems: { column: string | null; found: string; expected: string }[] = [];
  for (const [column, expected] of source.columns) {
    try {
      await session.rows(
        `SELECT count(${scan.column(column)}) FROM (SELECT * FROM ${scan.from} LIMIT ${CHECKED_ROWS}) AS ${ident('rows')}`,
      );
    } catch (error) {
      if (!(error instanceof PlumbError)) throw error;
      problems.push({ column, found: valueAndFile(error.message), expected });
    }
  }
  return problems;
}
