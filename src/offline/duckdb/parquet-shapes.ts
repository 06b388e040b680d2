// The top-level columns of Parquet files and their physical types, from footers alone. parquet_schema lists a schema in
// preorder with nested names among the others; only the top level counts. Cost grows with the columns that are needed.
import { PlumbError } from '../../../schemas/errors.ts';
import { fileList, ident, text } from '../../sql/duckdb/names.ts';
import type { ParquetGroup } from '../../sql/duckdb/scan-parquet.ts';
import { ZONED, ZONED_NANOS } from '../../sql/duckdb/source-instants.ts';
import type { LocalFile } from './local-jobs.ts';
import type { DuckdbSession } from './session.ts';

type File = Pick<LocalFile, 'path' | 'localPath'>;

/** Files whose needed columns are written in the same way: one of them tells the types of all. */
interface Alike {
  readonly paths: readonly string[];
  readonly columns: readonly TopLevelColumn[];
}

interface TopLevelColumn {
  readonly name: string;
  /** Where it tells more than the type that the engine reads it as. */
  readonly written: string | null;
}

/**
 * Groups by the physical types of `needed` (null: of all columns). A column that the files of a group lack is missing in its
 * `physical`. SOURCE_MISMATCH for a file with two columns whose names differ at most in case: the engine renames one.
 */
export async function parquetGroups(
  session: DuckdbSession,
  files: readonly File[],
  needed: ReadonlySet<string> | null,
): Promise<readonly ParquetGroup[]> {
  if (files.length === 0) return [];
  const list = fileList(files.map(({ localPath }) => localPath));
  await refuseTwins(session, files, list);
  const groups: ParquetGroup[] = [];
  for (const { paths, columns } of await alikeFiles(session, list, needed)) {
    const types = await describedTypes(session, paths[0] ?? '', columns);
    groups.push({
      paths,
      physical: new Map(columns.map(({ name, written }, i) => [name, typeOf(written, types[i] ?? '')])),
    });
  }
  const found = new Set(groups.flatMap(({ paths }) => paths));
  const bare = files.map(({ localPath }) => localPath).filter((path) => !found.has(path));
  return bare.length === 0 ? groups : [...groups, { paths: bare, physical: new Map() }];
}

const typeOf = (written: string | null, read: string): string =>
  written === ZONED_NANOS ? read.replace(ZONED, ZONED_NANOS) : (written ?? read);

/** Names of the top-level columns of one file. */
export async function columnNames(session: DuckdbSession, path: string): Promise<readonly string[]> {
  const rows = await session.rows(`SELECT name FROM ${topLevel(fileList([path]))} ORDER BY ordinal DESC`);
  return rows.map(({ name }) => String(name));
}

/**
 * One row per node below the root, with the number that its top-level column has in its file. Each node closes one place that
 * its parent left open and opens one for each child; a top-level node is where fewer are open than ever before:
 *
 *   root(2)  open 2 │ a(2) │ a.x(0) │ a.y(0) │ b(0)
 *   open before it    2      3        2        1      → least so far: 2 2 2 1
 */
const nodes = (list: string): string => `(
  SELECT *, min(open) OVER (PARTITION BY file_name ORDER BY column_id) AS ordinal
  FROM (
    SELECT *, sum(coalesce(num_children, 0) - 1) OVER (
      PARTITION BY file_name ORDER BY column_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS open
    FROM parquet_schema(${list})
  )
  WHERE open IS NOT NULL
)`;

const topLevel = (list: string): string => `(
  SELECT file_name, ordinal, arg_min(name, column_id) AS name, max(precision) AS digits, arg_max(scale, precision) AS scale,
    bool_and(logical_type = 'NullType()') AS is_null,
    bool_or(coalesce(logical_type, '') LIKE 'TimestampType(isAdjustedToUTC=1%NANOS=N%') AS has_zoned_nanos,
    string_agg(concat_ws(':', name, repetition_type, num_children, duckdb_type, converted_type, logical_type, precision, scale), '|' ORDER BY column_id) AS signature
  FROM ${nodes(list)} GROUP BY file_name, ordinal
)`;

async function refuseTwins(session: DuckdbSession, files: readonly File[], list: string): Promise<void> {
  const [twins] = await session.rows(
    `SELECT file_name, list(name ORDER BY ordinal DESC) AS names FROM (
       SELECT file_name, ordinal, arg_min(name, column_id) AS name FROM ${nodes(list)} GROUP BY file_name, ordinal
     ) GROUP BY file_name, lower(name) HAVING count(*) > 1 ORDER BY ALL LIMIT 1`,
  );
  if (twins === undefined) return;
  const file = files.find(({ localPath }) => localPath === twins.file_name)?.path ?? '';
  const names = (twins.names as readonly unknown[]).map(String);
  throw new PlumbError(
    'SOURCE_MISMATCH',
    `${file} has the columns ${names.map((name) => JSON.stringify(name)).join(' and ')}, expected names that differ in more than case; rename one of them`,
    { details: { file, columns: names } },
  );
}

async function alikeFiles(
  session: DuckdbSession,
  list: string,
  needed: ReadonlySet<string> | null,
): Promise<readonly Alike[]> {
  const where = needed === null ? '' : `WHERE name IN (${[...needed].map(text).join(', ')})`;
  const rows = await session.rows(
    `SELECT list(file_name ORDER BY file_name) AS paths, names, written FROM (
       SELECT file_name, list(name ORDER BY name_order) AS names, list(written ORDER BY name_order) AS written,
         string_agg(signature, chr(10) ORDER BY name_order) AS signature
       FROM (SELECT *, ${needed === null ? '-ordinal' : 'name'} AS name_order, CASE WHEN is_null THEN 'NULL'
         WHEN digits > 38 THEN 'DECIMAL(' || digits || ',' || scale || ')'
         WHEN has_zoned_nanos THEN ${text(ZONED_NANOS)} END AS written FROM ${topLevel(list)} ${where})
       GROUP BY file_name
     ) GROUP BY names, written, signature ORDER BY paths[1]`,
  );
  return rows.map(({ paths, names, written }) => ({
    paths: (paths as readonly unknown[]).map(String),
    columns: (names as readonly unknown[]).map((name, i) => {
      const own = (written as readonly unknown[])[i];
      return { name: String(name), written: own === null || own === undefined ? null : String(own) };
    }),
  }));
}

/** The engine's types of these columns, in their order. A column without a name can only be reached by its place. */
async function describedTypes(
  session: DuckdbSession,
  path: string,
  columns: readonly TopLevelColumn[],
): Promise<readonly string[]> {
  const named = columns.every(({ name }) => name !== '');
  const items = named ? columns.map(({ name }) => ident(name)).join(', ') : '*';
  const rows = await session.rows(
    `DESCRIBE SELECT ${items} FROM read_parquet(${fileList([path])}, hive_partitioning = false)`,
  );
  return rows.map(({ column_type }) => String(column_type));
}
