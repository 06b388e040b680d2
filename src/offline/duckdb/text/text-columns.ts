// The names that text files have: of the headers of CSV, of the first lines of JSON Lines.
import type { Source } from '../../../catalog/catalog.ts';
import type { SourceShape } from '../../../definitions/source-inspector.ts';
import { fileList, text } from '../../../sql/duckdb/names.ts';
import { jsonCompression } from '../../../sql/duckdb/scan-text.ts';
import type { LocalFile } from '../local-jobs.ts';
import type { DuckdbSession } from '../session.ts';
import { headerOf, textHead } from './checked-text.ts';
import { compressionOf } from './text-file.ts';

/** Lines of each JSON file that are looked at. */
const CHECKED_ROWS = 1000;

export async function textColumns(
  session: DuckdbSession,
  source: Pick<Source, 'format' | 'csv'>,
  files: readonly LocalFile[],
): Promise<SourceShape['columns']> {
  const names: string[] = [];
  for (const file of files) {
    const head = await textHead(source, file);
    if (head === null) continue;
    names.push(...(source.format === 'csv' ? headerOf(source, file.path, head) : await jsonNames(session, file)));
  }
  const kind =
    source.format === 'csv' ? ({ type: 'string', physical: 'text' } as const) : { type: null, physical: 'JSON' };
  return new Map(names.map((name) => [name, kind]));
}

async function jsonNames(session: DuckdbSession, { path, localPath }: LocalFile): Promise<readonly string[]> {
  const from = `read_json_objects(${fileList([localPath])}, format = 'newline_delimited', compression = ${text(jsonCompression(compressionOf(path)))}, hive_partitioning = false, maximum_object_size = 67108864)`;
  const rows = await session.rows(
    `SELECT DISTINCT unnest(json_keys(json)) AS name FROM (SELECT json FROM ${from} LIMIT ${CHECKED_ROWS}) WHERE json_type(json) = 'OBJECT'`,
  );
  return rows.map(({ name }) => String(name)).toSorted();
}
