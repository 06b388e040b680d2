// Labels files → the temporary table `labels`: rid (0, 1, … in file order), t (microseconds), c0… (the original columns,
// keys in their declared types), l0… (the typed join keys). Text stays text: nothing is guessed into dates, but for the
// timestamp column. Folder names mean nothing. One file per format reads it; `convert.ts` types what was read.
import { basename } from 'node:path';
import { PlumbError } from '../../../../schemas/errors.ts';
import { formatInstant } from '../../../instant.ts';
import type { TrainingSetNode } from '../../../plan/nodes.ts';
import { pathPattern } from '../../../sql/duckdb/names.ts';
import { LABEL_ROW } from '../../../sql/labels.ts';
import type { LabelColumns } from '../../../sql/training-set.ts';
import { withoutFolders } from '../engine-failure.ts';
import type { LocalLabels, LocalTrainingSetJob } from '../local-jobs.ts';
import type { DuckdbSession } from '../session.ts';
import { type Column, invalid, type OpenedLabels, refuseCollisions, refuseNames, requireColumn } from './columns.ts';
import { FIRST_YEAR, keySql, passedThrough, timeSql, YEAR_10000 } from './convert.ts';
import { csvLabels } from './csv-labels.ts';
import { jsonLabels } from './json-labels.ts';
import { parquetLabels } from './parquet-labels.ts';
import { plainTextFile } from './plain-text.ts';

export interface LoadedLabels extends LabelColumns {
  readonly rows: number;
}

type LabelsJob = Pick<LocalTrainingSetJob, 'plan' | 'labels' | 'folder'>;

export async function loadLabels(session: DuckdbSession, job: LabelsJob): Promise<LoadedLabels> {
  try {
    return await load(session, job);
  } catch (error) {
    if (!isEngineFailure(error)) throw error;
    throw new PlumbError('INVALID_LABELS', unreadable(error.message, job.labels), { cause: error });
  }
}

const isEngineFailure = (error: unknown): error is PlumbError =>
  error instanceof PlumbError && ['ENGINE_FAILED', 'SOURCE_MISMATCH'].includes(error.code);

/** Clients read these words. */
function unreadable(message: string, files: LocalLabels): string {
  const why = withoutFolders(withoutPaths(message.replace('the engine failed: ', ''), files));
  return `the labels cannot be read as ${files.format}: ${why}`;
}

const withoutPaths = (message: string, { paths, name }: LocalLabels): string =>
  paths
    .flatMap((path) => [path, pathPattern(path), basename(path)])
    .reduce((words, path) => words.replaceAll(path, () => name), message);

const TIMESTAMP_ROLE = 'the timestamp column unless another is named (`--timestamp-column`, `timestampColumn`)';

async function load(session: DuckdbSession, job: LabelsJob): Promise<LoadedLabels> {
  const { plan, labels: files } = job;
  const { from, columns, problem } = await openLabels(session, job);
  const names = columns.map(({ name }) => name);
  refuseNames(names);
  refuseCollisions(plan, names);
  const time = requireColumn(columns, plan.labels.timestampColumn, TIMESTAMP_ROLE);
  const keys = plan.labels.keys.map((key) => ({ ...key, found: requireColumn(columns, key.column, 'a join key') }));
  const instant = timeSql(time, files);
  const items = [
    `${LABEL_ROW} AS rid`,
    `${instant} AS t`,
    ...columns.map((column, i) => `${outputColumn(plan, column, instant)} AS c${i}`),
    ...keys.map(({ type, found }, i) => `${keySql(found, type)} AS l${i}`),
  ];
  const numbered = `(SELECT *, row_number() OVER () - 1 AS ${LABEL_ROW} FROM ${from})`;
  try {
    await session.run(`CREATE TEMP TABLE labels AS\nSELECT ${items.join(', ')}\nFROM ${numbered}`);
  } catch (error) {
    const found = isEngineFailure(error) ? await problem?.() : null;
    throw found == null ? error : invalid(found);
  }
  return { names, ...(await extent(session, time)) };
}

async function openLabels(session: DuckdbSession, { plan, labels, folder }: LabelsJob): Promise<OpenedLabels> {
  const { format, paths, name, limits } = labels;
  if (format === 'parquet') return await parquetLabels(session, labels);
  const path = await plainTextFile({ path: paths[0] ?? '', name, format }, folder);
  const { keys, timestampColumn } = plan.labels;
  if (format === 'jsonl') return await jsonLabels(session, { path, name, keys, limits });
  return await csvLabels(session, {
    path,
    name,
    limits,
    folder,
    timestampColumn,
    keys: keys.map(({ column }) => column),
  });
}

/** Keys are output in their declared types, instants of text as timestamps, everything else as it came. */
function outputColumn({ labels }: TrainingSetNode, column: Column, instant: string): string {
  const key = labels.keys.find((candidate) => candidate.column === column.name);
  if (key !== undefined) return keySql(column, key.type);
  if (column.name === labels.timestampColumn && column.type === 'VARCHAR') return `make_timestamp(${instant})`;
  return passedThrough(column);
}

async function extent(session: DuckdbSession, time: Column): Promise<Omit<LoadedLabels, 'names'>> {
  const { rid } = await session.row('SELECT min(rid) AS rid FROM labels WHERE t IS NULL');
  if (rid !== null)
    throw invalid(`label column ${time.name} is null in row ${Number(rid) + 1}; every label needs an instant`);
  const { n, from_micros, to_micros } = await session.row(
    'SELECT count(*) AS n, min(t) AS from_micros, max(t) AS to_micros FROM labels',
  );
  if (from_micros === null || to_micros === null) throw invalid('the labels have no rows');
  const interval = { fromMicros: BigInt(from_micros as bigint), toMicros: BigInt(to_micros as bigint) };
  requirePlausible(time, interval);
  return { rows: Number(n), interval };
}

/** A number read in the wrong unit is off by a factor of a thousand. */
function requirePlausible({ name }: Column, { fromMicros, toMicros }: { fromMicros: bigint; toMicros: bigint }): void {
  if (fromMicros >= FIRST_YEAR && toMicros < YEAR_10000) return;
  const reach = `${formatInstant(fromMicros)} to ${formatInstant(toMicros)}`;
  throw invalid(`label column ${name} reaches from ${reach}; is its unit the right one?`);
}
