// Rows of a source at random: the least hashes of (key, time, seed), so that a sample repeats whatever the order of files is.
import type { RowsNode } from '../../plan/nodes.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { keyNames, rowsSelect } from '../../sql/rows.ts';
import { commas } from '../../sql/script.ts';
import type { HistoryRow, HistorySampleJob } from '../history-sampling.ts';
import { type LocalFile, localPaths } from './local-jobs.ts';
import { columnValues } from './read-parts.ts';
import { scanner } from './scanner.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

export interface LocalHistorySampleJob extends Omit<HistorySampleJob, 'files'> {
  readonly files: readonly LocalFile[];
}

export async function sampleHistory(limits: EngineLimits, job: LocalHistorySampleJob): Promise<readonly HistoryRow[]> {
  // Inputs of features are not looked at: which rows there are depends on keys, time and `where`.
  const rows: RowsNode = { ...job.rows, inputs: [] };
  const paths = localPaths(job.files);
  const options = { ...limits, files: paths, foreign: paths, folders: [], signal: job.signal };
  await using session = await DuckdbSession.open(options);
  const scan = await scanner(session, [rows], new Map([[rows.scan.id, job.files]]));
  const history = rowsSelect(duckdbDialect, rows, scan(rows, { fromMicros: null, toMicros: null }));
  const onGrid = job.gridMicros === null ? [] : await drawn(session, history, job, `WHERE ts % ${job.gridMicros} = 0`);
  return [...onGrid, ...(await drawn(session, history, job, ''))];
}

async function drawn(
  session: DuckdbSession,
  history: string,
  { rows, seed, limit }: LocalHistorySampleJob,
  where: string,
): Promise<readonly HistoryRow[]> {
  const items = [...keyNames(rows), 'ts', 'created'];
  const order = [`hash(${commas([...keyNames(rows), 'ts', String(seed)])})`, ...items];
  const result = await session.stream(
    `SELECT ${commas(items)} FROM (\n${history}\n) ${where}\nORDER BY ${commas(order)}\nLIMIT ${limit}`,
  );
  const found: HistoryRow[] = [];
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const keys = rows.keys.map(({ type }, i) => columnValues(chunk?.getColumnValues(i) ?? [], type));
    const [events, created] = [0, 1].map((i) => chunk?.getColumnValues(rows.keys.length + i) ?? []);
    for (let row = 0; row < chunk.rowCount; row += 1)
      found.push({
        key: keys.map((column) => column[row] ?? null),
        eventMicros: events?.[row] as bigint,
        createdMicros: (created?.[row] ?? null) as bigint | null,
      });
  }
  return found;
}
