// Rows of a source at random: the least hashes of (key, time, seed), so that a sample repeats whatever the order of files is.
import type { DataType } from '../../../schemas/types.ts';
import type { RowsNode } from '../../plan/nodes.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { erasedSteps } from '../../sql/duckdb/erased.ts';
import { keyNames, rowsSelect } from '../../sql/rows.ts';
import { commas } from '../../sql/script.ts';
import type { HistoryRow, HistorySampleJob } from '../history-sampling.ts';
import { chunkRows } from './chunk-rows.ts';
import { type LocalFile, localPaths } from './local-jobs.ts';
import { scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

export interface LocalHistorySampleJob extends Omit<HistorySampleJob, 'files'> {
  readonly files: readonly LocalFile[];
}

export async function sampleHistory(limits: EngineLimits, job: LocalHistorySampleJob): Promise<readonly HistoryRow[]> {
  await using session = await openFor(limits, job);
  const history = await historySelect(session, job);
  const onGrid = job.gridMicros === null ? [] : await drawn(session, history, job, `WHERE ts % ${job.gridMicros} = 0`);
  return [...onGrid, ...(await drawn(session, history, job, ''))];
}

export async function latestMicros(limits: EngineLimits, job: HistoryOf): Promise<bigint | null> {
  await using session = await openFor(limits, job);
  const { latest } = await session.row(
    `SELECT max(greatest(ts, created)) AS latest FROM (\n${await historySelect(session, job)}\n)`,
  );
  return latest as bigint | null;
}

type HistoryOf = Pick<LocalHistorySampleJob, 'rows' | 'files' | 'signal'>;

function openFor(limits: EngineLimits, { files, signal }: HistoryOf): Promise<DuckdbSession> {
  const paths = localPaths(files);
  return DuckdbSession.open({ ...limits, files: paths, foreign: paths, folders: [], signal });
}

async function historySelect(session: DuckdbSession, job: HistoryOf): Promise<string> {
  // Inputs of features are not looked at: which rows there are depends on keys, time and `where`.
  const rows: RowsNode = { ...job.rows, inputs: [] };
  const scan = await scanner(session, [rows], new Map([[rows.scan.id, job.files]]));
  for (const { sql } of erasedSteps([rows])) await session.run(sql);
  return rowsSelect(duckdbDialect, rows, scan(rows, { fromMicros: null, toMicros: null }));
}

async function drawn(
  session: DuckdbSession,
  history: string,
  { rows, seed, limit }: LocalHistorySampleJob,
  where: string,
): Promise<readonly HistoryRow[]> {
  const items = [...keyNames(rows), 'ts', 'created'];
  const order = [`hash(${commas([...keyNames(rows), 'ts', String(seed)])})`, ...items];
  const result = session.chunks(
    `SELECT ${commas(items)} FROM (\n${history}\n) ${where}\nORDER BY ${commas(order)}\nLIMIT ${limit}`,
  );
  const found: HistoryRow[] = [];
  const types: readonly DataType[] = [...rows.keys.map(({ type }) => type), 'int64', 'int64'];
  const parts = rows.keys.filter(({ column }) => column !== null).length;
  for await (const chunk of result)
    for (const row of chunkRows(chunk, types)) {
      const [eventMicros, createdMicros] = row.slice(-2) as [bigint, bigint | null];
      found.push({ key: row.slice(0, parts), eventMicros, createdMicros });
    }
  return found;
}
