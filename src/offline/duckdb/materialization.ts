// One run of a view: its rows at a boundary, and the keys that are gone, as parts.
import { usedColumns } from '../../plan/used-columns.ts';
import { compileMaterialization } from '../../sql/compile.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { fileList, ident, text } from '../../sql/duckdb/names.ts';
import { readerSql, type ScannedFiles } from '../../sql/duckdb/scan.ts';
import { filesOnly } from '../../sql/duckdb/scan-folders.ts';
import type { Since } from '../../sql/latest-row.ts';
import type { SourceFile } from '../../storage/source-files.ts';
import type { MaterializationJob, MaterializationOutcome, PartFile, ScanStatistics } from '../compute.ts';
import { countTextRows, selectFiles } from './parquet-files.ts';
import { checkedFiles } from './scanned-files.ts';
import { localPaths, PAIRS_PER_ROW, scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';
import { sourceRows } from './source-rows.ts';
import { writeParts } from './write-parts.ts';

export async function materialize(limits: EngineLimits, job: MaterializationJob): Promise<MaterializationOutcome> {
  const { rows } = job.plan.values;
  await using session = await DuckdbSession.open({
    ...limits,
    files: [...localPaths(job.files), ...job.previousParts],
    foreign: localPaths(job.files),
    folders: [job.folder],
    signal: job.signal,
  });
  const checked = await checkedFiles(session, rows.source, job.files, usedColumns(rows));
  const { files, scanned } = await chooseFiles(session, job, checked);
  const sources = new Map([[rows.source.name, files]]);
  const scan = await scanner(session, [rows], sources);
  const script = compileMaterialization(
    { dialect: duckdbDialect, scan, pairsPerRow: PAIRS_PER_ROW },
    job.plan,
    sinceOf(job),
  );
  for (const step of script.steps) await session.run(step.sql);
  await session.runWatched(`CREATE TEMP TABLE result AS\n${script.result}`, (share) =>
    job.onProgress?.(Math.round(share * scanned.rows), scanned.rows),
  );
  const parts = await writeParts(session, job, 'result', 'part');
  const gone = job.findGone && job.previousParts.length > 0 ? await writeGone(session, job) : [];
  const unused =
    parts.length > 0 || job.since !== null ? {} : { unused: await sourceRows(session, rows.source, checked) };
  return { rows: total(parts), parts, gone, invalidValues: await countInvalid(session), scanned, ...unused };
}

const total = (parts: readonly PartFile[]): number => parts.reduce((sum, { rows }) => sum + rows, 0);

async function chooseFiles(
  session: DuckdbSession,
  job: MaterializationJob,
  checked: ScannedFiles,
): Promise<{ files: readonly SourceFile[]; scanned: ScanStatistics }> {
  const { source } = job.plan.values.rows;
  if (source.format === 'parquet') {
    const wanted = {
      fromMicros: job.since?.eventMicros ?? null,
      createdFromMicros: job.since?.createdMicros ?? null,
      toMicros: null,
    };
    return await selectFiles(session, source, job.files, wanted);
  }
  const rows = checked.paths.length === 0 ? 0 : await countTextRows(session, readerSql(filesOnly(source), checked));
  return {
    files: job.files,
    scanned: { rows, files: job.files.length, filesTotal: job.files.length, rowGroups: 0, rowGroupsTotal: 0 },
  };
}

/** Rows that earlier runs wrote matter where late rows can be older than them: with a created column. */
function sinceOf({ since, previousParts, plan }: MaterializationJob): Since | null {
  if (since === null) return null;
  const needed = since.createdMicros !== null && previousParts.length > 0;
  return { ...since, previous: needed ? previousRows(plan.values, previousParts) : null };
}

function previousRows(values: MaterializationJob['plan']['values'], paths: readonly string[]): string {
  const { rows } = values;
  const inputs = rows.inputs.map(({ id }) => {
    const feature = values.features.find(({ input }) => input === id);
    return `${ident(feature?.name ?? id)} AS ${id}`;
  });
  const flags = rows.inputs.flatMap(({ id, expression }) => {
    if (!expression.canFail && rows.where?.canFail !== true) return [];
    const feature = values.features.find(({ input }) => input === id);
    return [`coalesce(list_contains(__invalid, ${text(feature?.name ?? '')}), false) AS f${id.slice(1)}`];
  });
  const items = [
    ...rows.keys.map(({ name }, i) => `${ident(name)} AS k${i}`),
    'epoch_us(__event_time) AS ts',
    'epoch_us(__created_time) AS created',
    ...inputs,
    ...flags,
  ];
  return `(SELECT ${items.join(', ')} FROM read_parquet(${fileList(paths)}, hive_partitioning = false))`;
}

/** Keys that an earlier run of this generation wrote and that have no row any more. */
async function writeGone(session: DuckdbSession, job: MaterializationJob): Promise<PartFile[]> {
  const keys = job.plan.values.rows.keys.map(({ name }) => ident(name)).join(', ');
  const previous = `read_parquet(${fileList(job.previousParts)}, union_by_name = true, hive_partitioning = false)`;
  await session.run(
    `CREATE TEMP TABLE gone AS SELECT DISTINCT ${keys} FROM ${previous} ANTI JOIN result USING (${keys})`,
  );
  return await writeParts(session, job, 'gone', 'gone');
}

async function countInvalid(session: DuckdbSession): Promise<Readonly<Record<string, number>>> {
  const rows = await session.rows(
    'SELECT feature, count(*) AS n FROM (SELECT unnest(__invalid) AS feature FROM result) GROUP BY feature ORDER BY feature',
  );
  return Object.fromEntries(rows.map(({ feature, n }) => [String(feature), Number(n)]));
}
