// Training sets: labels and a plan → parts, SQL or values.
import type { Value } from '../../../schemas/types.ts';
import { createDuckdbCompiler } from '../../sql/duckdb/compiler.ts';
import { formerColumns } from '../../sql/duckdb/former-columns.ts';
import { fileList, ident } from '../../sql/duckdb/names.ts';
import { readable } from '../../sql/duckdb/readable.ts';
import { LABEL_ROW } from '../../sql/labels.ts';
import { explainedSteps } from '../../sql/script.ts';
import type { TrainingSetScript } from '../../sql/training-set.ts';
import { filePath } from '../../storage/location.ts';
import type { Explained, PartFile, TrainingSetOutcome } from '../compute.ts';
import { leakWarnings } from '../leaks.ts';
import { chunkRows } from './chunk-rows.ts';
import { commonType } from './comparable-types.ts';
import { loadLabels } from './labels/load-labels.ts';
import { type LocalTrainingSetJob, localPaths } from './local-jobs.ts';
import { PAIRS_PER_ROW, scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';
import { leaving, PART_ROWS, writePart } from './write-parts.ts';

export async function createTrainingSet(limits: EngineLimits, job: LocalTrainingSetJob): Promise<TrainingSetOutcome> {
  await using session = await openFor(limits, job);
  const { script, labels } = await prepareTrainingSet(limits, session, job);
  for (const step of script.steps) await session.run(step.sql);
  await session.run(`CREATE TEMP TABLE training_set AS\n${script.result}`);
  const described = await session.rows(`DESCRIBE SELECT * EXCLUDE (${LABEL_ROW}) FROM training_set`);
  const columns = described.map((row) => ({ name: String(row.column_name), physical: String(row.column_type) }));
  const { rowInstants } = script;
  const queries = { row: (sql: string) => session.row(sql), ident, commonType };
  const warnings = await leakWarnings(queries, { plan: job.plan, rowInstants, rows: labels.rows, columns });
  const immature: { name: string; rows: number }[] = [];
  for (const { name, sql } of script.immature) immature.push({ name, rows: Number((await session.row(sql)).rows) });
  const parts: PartFile[] = [];
  for (let first = 0; first === 0 || first < labels.rows; first += PART_ROWS) {
    const rows = Math.min(PART_ROWS, labels.rows - first);
    const select = `SELECT ${leaving(columns)} FROM training_set WHERE ${LABEL_ROW} >= ${first} AND ${LABEL_ROW} < ${first + PART_ROWS} ORDER BY ${LABEL_ROW}`;
    const part = { folder: job.folder, prefix: 'part', index: parts.length, rows, metadata: job.metadata };
    parts.push(await writePart(session, select, part));
    job.onProgress?.(first + rows, labels.rows);
  }
  const written = await writtenColumns(session, parts[0]);
  return { rows: labels.rows, parts, columns: written, interval: labels.interval, warnings, immature };
}

/** Names and types as readers of the parts find them. */
async function writtenColumns(
  session: DuckdbSession,
  part: PartFile | undefined,
): Promise<TrainingSetOutcome['columns']> {
  if (part === undefined) return [];
  const rows = await session.rows(
    `DESCRIBE SELECT * FROM read_parquet(${fileList([filePath(part.uri)])}, hive_partitioning = false)`,
  );
  return rows.map((row) => ({ name: String(row.column_name), physical: String(row.column_type) }));
}

export async function explainTrainingSet(limits: EngineLimits, job: LocalTrainingSetJob): Promise<Explained> {
  await using session = await openFor(limits, job);
  const { script } = await prepareTrainingSet(limits, session, job);
  return { strategy: script.strategy, sql: explainedSteps(script) };
}

/** The features of a small training set as values, in label order, without any file; for feature tests. */
export async function evaluateTrainingSet(
  limits: EngineLimits,
  session: DuckdbSession,
  job: LocalTrainingSetJob,
): Promise<readonly Readonly<Record<string, Value>>[]> {
  const { script } = await prepareTrainingSet(limits, session, job);
  for (const step of script.steps) await session.run(step.sql);
  const items = job.plan.outputs.map(({ name, type }) => readable(ident(name), type));
  const types = job.plan.outputs.map(({ type }) => type);
  const select = `SELECT ${items.join(', ')} FROM (\n${script.result}\n) ORDER BY ${LABEL_ROW}`;
  const rows: Record<string, Value>[] = [];
  for await (const chunk of session.chunks(select))
    for (const row of chunkRows(chunk, types))
      rows.push(Object.fromEntries(job.plan.outputs.map(({ name }, i) => [name, row[i] ?? null])));
  return rows;
}

async function openFor(limits: EngineLimits, job: LocalTrainingSetJob): Promise<DuckdbSession> {
  const former = job.formerParts ?? [];
  const foreign = [...job.labels.paths, ...[...job.sources.values()].flatMap((files) => localPaths(files))];
  return await DuckdbSession.open({
    ...limits,
    files: [...foreign, ...former],
    foreign,
    folders: [job.folder],
    signal: job.signal,
  });
}

async function prepareTrainingSet(
  limits: EngineLimits,
  session: DuckdbSession,
  job: LocalTrainingSetJob,
): Promise<{ script: TrainingSetScript; labels: Awaited<ReturnType<typeof loadLabels>> }> {
  const labels = await loadLabels(session, job);
  const scan = await scanner(
    session,
    job.plan.parts.map((part) => part.rows),
    job.sources,
  );
  const compiler = createDuckdbCompiler({ scan, pairsPerRow: limits.pairsPerRow ?? PAIRS_PER_ROW });
  const former = job.formerParts === undefined ? {} : { former: formerColumns(job.plan, job.formerParts) };
  return { script: compiler.compileTrainingSet(job.plan, { ...labels, ...former }), labels };
}
