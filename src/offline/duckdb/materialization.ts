// One run of a view: its rows at a boundary, or its entries, and the keys that are gone, as parts.

import type { Source } from '../../catalog/catalog.ts';
import type { EntriesNode } from '../../plan/entries-node.ts';
import type { IncrementNode, RowsNode } from '../../plan/nodes.ts';
import { usedColumns } from '../../plan/used-columns.ts';
import { createDuckdbCompiler } from '../../sql/duckdb/compiler.ts';
import { readerSql, type ScannedFiles } from '../../sql/duckdb/scan.ts';
import { filesOnly } from '../../sql/duckdb/scan-folders.ts';
import { storedKeys, storedParts } from '../../sql/duckdb/stored-parts.ts';
import type { EngineCompiler } from '../../sql/engine-compiler.ts';
import { totalRows } from '../../storage/totals.ts';
import type { MaterializationOutcome, ScanStatistics } from '../compute.ts';
import { fillEntries } from './fill-entries.ts';
import {
  type LocalEntriesJob,
  type LocalFile,
  type LocalMaterializationJob,
  type LocalRunJob,
  localPaths,
} from './local-jobs.ts';
import { countTextRows, selectFiles } from './parquet-files.ts';
import { checkedFiles } from './scanned-files.ts';
import { PAIRS_PER_ROW, scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';
import { sourceRows } from './source-rows.ts';
import { writeParts } from './write-parts.ts';

export async function materialize(limits: EngineLimits, job: LocalMaterializationJob): Promise<MaterializationOutcome> {
  const { values, increment } = job.plan;
  return await run(limits, job, { rows: values.rows, increment }, async ({ session, compiler, scanned }) => {
    const stored = job.previousParts.length === 0 ? null : storedParts(values, job.previousParts);
    const script = compiler.compileMaterialization(job.plan, stored);
    for (const step of script.steps) await session.run(step.sql);
    await session.runWatched(`CREATE TEMP TABLE result AS\n${script.result}`, (share) =>
      job.onProgress?.(Math.round(share * scanned.rows), scanned.rows),
    );
    return { gone: script.gone('result'), invalidValues: await countInvalid(session) };
  });
}

export async function materializeEntries(limits: EngineLimits, job: LocalEntriesJob): Promise<MaterializationOutcome> {
  const plan: EntriesNode = job.plan;
  return await run(limits, job, { rows: plan.rows, increment: null }, async ({ session, compiler, scanned }) => {
    const stored = job.previousParts.length === 0 ? null : storedKeys(job.previousParts);
    const script = compiler.compileEntries(plan, stored);
    for (const step of script.steps) await session.run(step.sql);
    const invalidValues = await fillEntries(session, script.fragment, {
      make: job.make,
      onShare: (share) => job.onProgress?.(Math.round(share * scanned.rows), scanned.rows),
    });
    await session.run(`CREATE TEMP TABLE result AS\n${script.result}`);
    return { gone: script.gone('result'), invalidValues };
  });
}

interface Read {
  readonly rows: RowsNode;
  readonly increment: IncrementNode | null;
}

interface Running {
  readonly session: DuckdbSession;
  readonly compiler: EngineCompiler;
  readonly scanned: ScanStatistics;
}

/** `gone`: SELECT of the keys that are gone; null: none are wanted, or there are none. */
type Computed = Pick<MaterializationOutcome, 'invalidValues'> & { readonly gone: string | null };

/** `compute` leaves the table `result`. */
async function run(
  limits: EngineLimits,
  job: LocalRunJob,
  read: Read,
  compute: (running: Running) => Promise<Computed>,
): Promise<MaterializationOutcome> {
  const { rows, increment } = read;
  await using session = await DuckdbSession.open({
    ...limits,
    files: [...localPaths(job.files), ...job.previousParts],
    foreign: localPaths(job.files),
    folders: [job.folder],
    signal: job.signal,
  });
  const { source } = rows.scan;
  const checked = await checkedFiles(session, source, job.files, usedColumns(rows));
  const { files, scanned } = await chooseFiles(session, job, { ...read, checked });
  const scan = await scanner(session, [rows], new Map([[rows.scan.id, files]]));
  const compiler = createDuckdbCompiler({ scan, pairsPerRow: PAIRS_PER_ROW });
  const { gone: goneSelect, invalidValues } = await compute({ session, compiler, scanned });
  const parts = await writeParts(session, 'result', { folder: job.folder, prefix: 'part' });
  if (goneSelect !== null) await session.run(`CREATE TEMP TABLE gone AS ${goneSelect}`);
  const gone = goneSelect === null ? [] : await writeParts(session, 'gone', { folder: job.folder, prefix: 'gone' });
  const unused = parts.length > 0 || increment !== null ? {} : { unused: await sourceRows(session, source, checked) };
  return { rows: totalRows(parts), parts, gone, invalidValues, scanned, ...unused };
}

async function chooseFiles(
  session: DuckdbSession,
  job: LocalRunJob,
  { rows: { scan }, increment, checked }: Read & { readonly checked: ScannedFiles },
): Promise<{ files: readonly LocalFile[]; scanned: ScanStatistics }> {
  const { source } = scan;
  if (source.format === 'parquet' && source.kind !== 'stream') {
    const wanted = {
      fromMicros: increment?.eventMicros ?? null,
      createdFromMicros: increment?.createdMicros ?? null,
      toMicros: null,
    };
    return await selectFiles(session, source, job.files, wanted);
  }
  const rows = await countRows(session, source, checked);
  return {
    files: job.files,
    scanned: { rows, files: job.files.length, filesTotal: job.files.length, rowGroups: 0, rowGroupsTotal: 0 },
  };
}

async function countRows(session: DuckdbSession, source: Source, checked: ScannedFiles): Promise<number> {
  if (source.kind === 'stream') return (await sourceRows(session, source, checked)).rows;
  return checked.paths.length === 0 ? 0 : await countTextRows(session, readerSql(filesOnly(source), checked));
}

async function countInvalid(session: DuckdbSession): Promise<Readonly<Record<string, number>>> {
  const rows = await session.rows(
    'SELECT feature, count(*) AS n FROM (SELECT unnest(__invalid) AS feature FROM result) GROUP BY feature ORDER BY feature',
  );
  return Object.fromEntries(rows.map(({ feature, n }) => [String(feature), Number(n)]));
}
