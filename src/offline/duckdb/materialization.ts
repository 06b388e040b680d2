// One run of a view: its rows at a boundary, and the keys that are gone, as parts.
import { usedColumns } from '../../plan/used-columns.ts';
import { createDuckdbCompiler } from '../../sql/duckdb/compiler.ts';
import { readerSql, type ScannedFiles } from '../../sql/duckdb/scan.ts';
import { filesOnly } from '../../sql/duckdb/scan-folders.ts';
import { storedParts } from '../../sql/duckdb/stored-parts.ts';
import type { MaterializationOutcome, PartFile, ScanStatistics } from '../compute.ts';
import { type LocalFile, type LocalMaterializationJob, localPaths } from './local-jobs.ts';
import { countTextRows, selectFiles } from './parquet-files.ts';
import { checkedFiles } from './scanned-files.ts';
import { PAIRS_PER_ROW, scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';
import { sourceRows } from './source-rows.ts';
import { writeParts } from './write-parts.ts';

export async function materialize(limits: EngineLimits, job: LocalMaterializationJob): Promise<MaterializationOutcome> {
  const { rows } = job.plan.values;
  await using session = await DuckdbSession.open({
    ...limits,
    files: [...localPaths(job.files), ...job.previousParts],
    foreign: localPaths(job.files),
    folders: [job.folder],
    signal: job.signal,
  });
  const { source } = rows.scan;
  const checked = await checkedFiles(session, source, job.files, usedColumns(rows));
  const { files, scanned } = await chooseFiles(session, job, checked);
  const sources = new Map([[rows.scan.id, files]]);
  const scan = await scanner(session, [rows], sources);
  const script = createDuckdbCompiler({ scan, pairsPerRow: PAIRS_PER_ROW }).compileMaterialization(
    job.plan,
    job.previousParts.length === 0 ? null : storedParts(job.plan.values, job.previousParts),
  );
  for (const step of script.steps) await session.run(step.sql);
  await session.runWatched(`CREATE TEMP TABLE result AS\n${script.result}`, (share) =>
    job.onProgress?.(Math.round(share * scanned.rows), scanned.rows),
  );
  const parts = await writeParts(session, 'result', { folder: job.folder, prefix: 'part' });
  const goneSelect = script.gone('result');
  if (goneSelect !== null) await session.run(`CREATE TEMP TABLE gone AS ${goneSelect}`);
  const gone = goneSelect === null ? [] : await writeParts(session, 'gone', { folder: job.folder, prefix: 'gone' });
  const unused =
    parts.length > 0 || job.plan.increment !== null ? {} : { unused: await sourceRows(session, source, checked) };
  return { rows: total(parts), parts, gone, invalidValues: await countInvalid(session), scanned, ...unused };
}

const total = (parts: readonly PartFile[]): number => parts.reduce((sum, { rows }) => sum + rows, 0);

async function chooseFiles(
  session: DuckdbSession,
  job: LocalMaterializationJob,
  checked: ScannedFiles,
): Promise<{ files: readonly LocalFile[]; scanned: ScanStatistics }> {
  const { source } = job.plan.values.rows.scan;
  if (source.format === 'parquet') {
    const wanted = {
      fromMicros: job.plan.increment?.eventMicros ?? null,
      createdFromMicros: job.plan.increment?.createdMicros ?? null,
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

async function countInvalid(session: DuckdbSession): Promise<Readonly<Record<string, number>>> {
  const rows = await session.rows(
    'SELECT feature, count(*) AS n FROM (SELECT unnest(__invalid) AS feature FROM result) GROUP BY feature ORDER BY feature',
  );
  return Object.fromEntries(rows.map(({ feature, n }) => [String(feature), Number(n)]));
}
