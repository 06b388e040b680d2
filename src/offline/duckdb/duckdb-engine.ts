// The embedded engine: plans run in one locked-down DuckDB instance each.
import { join } from 'node:path';
import type { Value } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import type { RowsNode } from '../../plan/nodes.ts';
import { usedColumns } from '../../plan/used-columns.ts';
import { compileMaterialization, compileTrainingSet, LABEL_ROW, type TrainingSetScript } from '../../sql/compile.ts';
import type { CompileContext, TimeRange } from '../../sql/context.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { fileList, ident, text } from '../../sql/duckdb/names.ts';
import { readerSql, type ScannedFiles, scanSql } from '../../sql/duckdb/scan.ts';
import { filesOnly } from '../../sql/duckdb/scan-folders.ts';
import type { Since } from '../../sql/latest-row.ts';
import type { SourceFile } from '../../storage/source-files.ts';
import type {
  Engine,
  Explained,
  MaterializationJob,
  MaterializationOutcome,
  PartFile,
  ScanStatistics,
  TrainingSetJob,
  TrainingSetOutcome,
} from '../engine.ts';
import { exportParts } from './export.ts';
import { loadLabels } from './labels/load-labels.ts';
import { leakWarnings } from './leaks.ts';
import { countTextRows, selectFiles } from './parquet-files.ts';
import { columnValues, readable, readParts } from './read-parts.ts';
import { checkedFiles } from './scanned-files.ts';
import type { EngineLimits } from './session.ts';
import { DuckdbSession } from './session.ts';
import { sourceRows } from './source-rows.ts';

/** Rows of a Parquet part. */
const PART_ROWS = 1_000_000;

/** Measured: see bench/results. */
const PAIRS_PER_ROW = 128;

export function createDuckdbEngine(limits: EngineLimits): Engine {
  return {
    createTrainingSet: (job) => createTrainingSet(limits, job),
    explainTrainingSet: (job) => explainTrainingSet(limits, job),
    materialize: (job) => materialize(limits, job),
    readParts: (paths, columns, signal) => readParts(limits, paths, columns, signal),
    exportParts: (paths, target, folder, signal) => exportParts(limits, paths, target, folder, signal),
    filesBehind: (source, files, beforeMicros, signal) => filesBehind(limits, source, files, beforeMicros, signal),
  };
}

const localPaths = (files: readonly SourceFile[]): readonly string[] => files.map(({ localPath }) => localPath);

async function prepareTrainingSet(
  limits: EngineLimits,
  session: DuckdbSession,
  job: TrainingSetJob,
): Promise<{ script: TrainingSetScript; labels: Awaited<ReturnType<typeof loadLabels>> }> {
  const labels = await loadLabels(session, job);
  const scan = await scanner(
    session,
    job.plan.parts.map((part) => part.rows),
    job.sources,
  );
  const script = compileTrainingSet(
    { dialect: duckdbDialect, scan, pairsPerRow: limits.pairsPerRow ?? PAIRS_PER_ROW },
    job.plan,
    labels,
  );
  return { script, labels };
}

/** Files are looked at once per source; a source without files scans as empty, one that vanished was refused before. */
async function scanner(
  session: DuckdbSession,
  rows: readonly RowsNode[],
  files: TrainingSetJob['sources'],
): Promise<CompileContext['scan']> {
  const checked = new Map<string, ScannedFiles>();
  for (const [name, views] of Map.groupBy(rows, ({ source }) => source.name)) {
    const { source } = views[0] as RowsNode;
    const used = new Set(views.flatMap((view) => [...usedColumns(view)]));
    checked.set(name, await checkedFiles(session, source, files.get(name) ?? [], used));
  }
  const none: ScannedFiles = { paths: [], physical: new Map() };
  return (view: RowsNode, range: TimeRange) =>
    scanSql(view.source, checked.get(view.source.name) ?? none, range, usedColumns(view));
}

async function createTrainingSet(limits: EngineLimits, job: TrainingSetJob): Promise<TrainingSetOutcome> {
  await using session = await openFor(limits, job);
  const { script, labels } = await prepareTrainingSet(limits, session, job);
  for (const step of script.steps) await session.run(step.sql);
  await session.run(`CREATE TEMP TABLE training_set AS\n${script.result}`);
  const described = await session.rows(`DESCRIBE SELECT * EXCLUDE (${LABEL_ROW}) FROM training_set`);
  const columns = described.map((row) => ({ name: String(row.column_name), physical: String(row.column_type) }));
  const { rowInstants } = script;
  const warnings = await leakWarnings(session, { plan: job.plan, rowInstants, rows: labels.rows, columns });
  const parts: PartFile[] = [];
  for (let first = 0; first === 0 || first < labels.rows; first += PART_ROWS) {
    const rows = Math.min(PART_ROWS, labels.rows - first);
    const localPath = join(job.folder, partName(parts.length));
    const select = `SELECT ${columns.map(({ name, physical }) => zoned(name, physical)).join(', ')} FROM training_set WHERE ${LABEL_ROW} >= ${first} AND ${LABEL_ROW} < ${first + PART_ROWS} ORDER BY ${LABEL_ROW}`;
    await session.run(`COPY (${select}) TO ${text(localPath)} (FORMAT parquet, COMPRESSION zstd)`);
    parts.push({ localPath, rows });
    job.onProgress?.(first + rows, labels.rows);
  }
  const written = await writtenColumns(session, parts[0]);
  return { rows: labels.rows, parts, columns: written, interval: labels.interval, warnings };
}

/** Names and types as readers of the parts find them. */
async function writtenColumns(
  session: DuckdbSession,
  part: PartFile | undefined,
): Promise<TrainingSetOutcome['columns']> {
  if (part === undefined) return [];
  const rows = await session.rows(
    `DESCRIBE SELECT * FROM read_parquet(${fileList([part.localPath])}, hive_partitioning = false)`,
  );
  return rows.map((row) => ({ name: String(row.column_name), physical: String(row.column_type) }));
}

/** The features of a small training set as values, in label order, without any file; for feature tests. */
export async function evaluateTrainingSet(
  limits: EngineLimits,
  session: DuckdbSession,
  job: TrainingSetJob,
): Promise<readonly Readonly<Record<string, Value>>[]> {
  const { script } = await prepareTrainingSet(limits, session, job);
  for (const step of script.steps) await session.run(step.sql);
  const items = job.plan.outputs.map(({ name, type }) => readable(ident(name), type));
  const result = await session.stream(`SELECT ${items.join(', ')} FROM (\n${script.result}\n) ORDER BY ${LABEL_ROW}`);
  const rows: Record<string, Value>[] = [];
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const columns = job.plan.outputs.map(({ type }, i) => columnValues(chunk?.getColumnValues(i) ?? [], type));
    for (let row = 0; row < chunk.rowCount; row += 1) {
      rows.push(Object.fromEntries(job.plan.outputs.map(({ name }, i) => [name, columns[i]?.[row] ?? null])));
    }
  }
  return rows;
}

const partName = (index: number): string => `part-${String(index).padStart(5, '0')}.parquet`;

/** Instants leave as UTC-adjusted timestamps, so that no reader takes them for local time. */
const zoned = (name: string, physical: string): string =>
  physical === 'TIMESTAMP' ? `CAST(${ident(name)} AS TIMESTAMPTZ) AS ${ident(name)}` : ident(name);

async function explainTrainingSet(limits: EngineLimits, job: TrainingSetJob): Promise<Explained> {
  await using session = await openFor(limits, job);
  const { script } = await prepareTrainingSet(limits, session, job);
  return {
    strategy: script.strategy,
    sql: [...script.steps.map(({ purpose, sql }) => `-- ${purpose}\n${sql}`), `-- result\n${script.result}`],
  };
}

async function openFor(limits: EngineLimits, job: TrainingSetJob): Promise<DuckdbSession> {
  const foreign = [...job.labels.paths, ...[...job.sources.values()].flatMap((files) => localPaths(files))];
  return await DuckdbSession.open({ ...limits, files: foreign, foreign, folders: [job.folder], signal: job.signal });
}

async function materialize(limits: EngineLimits, job: MaterializationJob): Promise<MaterializationOutcome> {
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

async function writeParts(
  session: DuckdbSession,
  job: MaterializationJob,
  from: string,
  prefix: string,
): Promise<PartFile[]> {
  const rows = Number((await session.row(`SELECT count(*) AS n FROM ${from}`)).n);
  if (rows === 0) return [];
  const described = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  const items = described.map((row) => zoned(String(row.column_name), String(row.column_type)));
  const parts: PartFile[] = [];
  for (let first = 0; first < rows; first += PART_ROWS) {
    const localPath = join(job.folder, `${prefix}-${String(parts.length).padStart(5, '0')}.parquet`);
    const slice = rows <= PART_ROWS ? '' : ` WHERE rowid >= ${first} AND rowid < ${first + PART_ROWS}`;
    await session.run(
      `COPY (SELECT ${items.join(', ')} FROM ${from}${slice}) TO ${text(localPath)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    parts.push({ localPath, rows: Math.min(PART_ROWS, rows - first) });
  }
  return parts;
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

async function filesBehind(
  limits: EngineLimits,
  source: Source,
  files: readonly SourceFile[],
  beforeMicros: bigint,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  await using session = await DuckdbSession.open({
    ...limits,
    files: localPaths(files),
    foreign: localPaths(files),
    folders: [],
    signal,
  });
  if (source.format === 'parquet') {
    const wanted = { fromMicros: null, createdFromMicros: null, toMicros: beforeMicros - 1n };
    return (await selectFiles(session, source, files, wanted)).files.map(({ path }) => path);
  }
  const behind: string[] = [];
  for (const file of files) {
    const scan = scanSql(source, await checkedFiles(session, source, [file]), { fromMicros: null, toMicros: null });
    const { found } = await session.row(`SELECT count(*) > 0 AS found FROM ${scan.from} WHERE ts < ${beforeMicros}`);
    if (found === true) behind.push(file.path);
  }
  return behind;
}
