// Materialization: a row view of many keys × twenty float64 into LMDB or Redis, with `plumb materialize` in a fresh
// process; and how much of it is writing the rows online: from the manifest of the run until its end. For Redis also the
// floor: a bare pipeline of HSETs of the same bytes, in a process of its own, right after each run and on the same server;
// and what lookups wait while all rows are written again.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionsInput } from '../schemas/builders.ts';
import { RedisServer } from '../test/servers/redis.ts';
import { openDuckdb, text } from './duckdb.ts';
import { type Run, requireOk } from './measured-process.ts';
import type { Options } from './options.ts';
import { plumbProject } from './plumb-project.ts';
import { type ReadsDuringWrite, readsDuringWrite } from './read-during-write.ts';
import type { Bench } from './results.ts';
import { gibibytes, median, middle, peakOf, runText, say, seconds, thousands } from './results.ts';

const COLUMNS = Array.from({ length: 20 }, (_, i) => `v${i}`);
export const VIEW = 'wide';
export const UNTIL = '2026-01-03T00:00:00Z';

interface MaterializeRun extends Run {
  readonly rows: number;
  readonly onlineSeconds: number;
  /** null on LMDB, as below. */
  readonly floor: Floor | null;
  readonly reads: ReadsDuringWrite | null;
}

interface Floor {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
}

export async function materializeBench(options: Options): Promise<Bench> {
  const path = await wideRows(options);
  const runs: MaterializeRun[] = [];
  for (let i = 0; i < options.runs; i += 1) {
    const run = await measureRun(options, path);
    runs.push(run);
    say(`materialize ${thousands(run.rows)} keys × ${COLUMNS.length} into ${options.store}: ${runLine(run)}`);
  }
  const { rows, wallSeconds } = median(runs);
  const online = middle(runs.map(({ onlineSeconds }) => onlineSeconds));
  const head = ['keys × float64', 'wall', 'rows/s, whole command', 'writing online', 'rows/s, writing online'];
  const row = [
    `${thousands(rows)} × ${COLUMNS.length}`,
    `${seconds(wallSeconds)} s`,
    thousands(rows / wallSeconds),
    `${seconds(online)} s (${Math.round((100 * online) / wallSeconds)} %)`,
    thousands(rows / online),
  ];
  const floor = floorColumns(runs, rows / online);
  const reads = readColumns(runs);
  const table = [
    [...head, ...floor.head, ...reads.head, 'peak memory'],
    [...row, ...floor.row, ...reads.row, gibibytes(peakOf(runs))],
  ];
  return { name: options.store === 'lmdb' ? 'materialize' : `materialize-${options.store}`, table, raw: runs };
}

function runLine(run: MaterializeRun): string {
  const { rows, onlineSeconds, floor, reads } = run;
  const online = `${seconds(onlineSeconds)} s online (${thousands(rows / onlineSeconds)} rows/s)`;
  const bare =
    floor === null ? '' : `, floor ${seconds(floor.seconds)} s (${thousands(floor.rows / floor.seconds)} rows/s)`;
  const waits =
    reads === null
      ? ''
      : `, read p99 ${reads.idle.p99Millis.toFixed(2)} ms idle, ${reads.writing.p99Millis.toFixed(2)} ms meanwhile`;
  return `${runText(run)}, ${online}${bare}${waits}`;
}

function floorColumns(runs: readonly MaterializeRun[], onlineRate: number) {
  const floors = runs.flatMap(({ floor }) => (floor === null ? [] : [floor]));
  if (floors.length === 0) return { head: [], row: [] };
  const rate = middle(floors.map((floor) => floor.rows / floor.seconds));
  return {
    head: ['floor, rows/s', 'ratio', 'bytes per row'],
    row: [thousands(rate), (onlineRate / rate).toFixed(2), thousands((floors[0]?.bytes ?? 0) / (floors[0]?.rows ?? 1))],
  };
}

function readColumns(runs: readonly MaterializeRun[]) {
  const reads = runs.flatMap((run) => (run.reads === null ? [] : [run.reads]));
  if (reads.length === 0) return { head: [], row: [] };
  const idle = middle(reads.map((one) => one.idle.p99Millis));
  const writing = middle(reads.map((one) => one.writing.p99Millis));
  return {
    head: ['read p99, idle', 'while rows are written', 'ratio'],
    row: [`${idle.toFixed(2)} ms`, `${writing.toFixed(2)} ms`, (writing / idle).toFixed(1)],
  };
}

export async function wideRows({ dataFolder, rows, seed }: Options): Promise<string> {
  const path = join(dataFolder, `wide-${rows}-rows-seed-${seed}.parquet`);
  if (existsSync(path)) return path;
  await mkdir(dataFolder, { recursive: true });
  using duckdb = await openDuckdb();
  const draw = (c: number): string =>
    `((hash(i * 32 + ${c} + ${seed} * CAST(1e15 AS BIGINT)) >> 11) / 9007199254740992.0)`;
  const items = [
    'i AS user_id',
    `TIMESTAMP '2026-01-01' + to_seconds(CAST(floor(86400 * ${draw(31)}) AS BIGINT)) AS ts`,
    ...COLUMNS.map((name, c) => `${draw(c)} AS ${name}`),
  ];
  await duckdb.run(
    `COPY (SELECT ${items.join(', ')} FROM range(${rows}) r(i)) TO ${text(`${path}.partial`)} (FORMAT parquet)`,
  );
  await rename(`${path}.partial`, path);
  return path;
}

export const definitions = (path: string): DefinitionsInput => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [{ name: 'rows', kind: 'batch', path, format: 'parquet', timestampColumn: 'ts' }],
  featureViews: [
    {
      name: VIEW,
      kind: 'row',
      entities: ['user'],
      source: 'rows',
      features: COLUMNS.map((name) => ({ name, type: 'float64' })),
    },
  ],
});

/** Each run fills an empty store. */
async function measureRun(options: Options, path: string): Promise<MaterializeRun> {
  await using stack = new AsyncDisposableStack();
  const redis = options.store === 'redis' ? stack.use(await RedisServer.start()) : null;
  const online = redis === null ? { kind: 'lmdb' } : { kind: 'redis', url: redis.url };
  const project = stack.use(await plumbProject(options, definitions(path), online));
  const { stdout, ...run } = await project.plumb('materialize', VIEW, '--until', UNTIL, '--json');
  if (run.outcome !== 'ok') throw new Error(`materialize: ${runText(run)}\n${stdout}`);
  const report = (JSON.parse(stdout) as { readonly runs: readonly Report[] }).runs[0];
  if (report === undefined) throw new Error(`materialize: no run in ${stdout}`);
  const file = join(project.folder, '.plumb', 'views', VIEW, report.run, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { readonly createdAt: string };
  const floor = redis === null ? null : await measureFloor(redis.url, options);
  // The floor took the state away with all else.
  if (redis !== null) await project.plumbOk('materialize', VIEW, '--until', UNTIL, '--full');
  const reads = redis === null ? null : await readsDuringWrite(options, project, VIEW, UNTIL);
  await rm(join(project.folder, '.plumb'), { recursive: true });
  return {
    ...run,
    rows: report.rowsWritten,
    onlineSeconds: (Date.parse(report.finishedAt) - Date.parse(manifest.createdAt)) / 1000,
    floor,
    reads,
  };
}

async function measureFloor(url: string, { timeoutSeconds }: Options): Promise<Floor> {
  const args = [join(import.meta.dirname, 'serving', 'hset-floor.ts'), url];
  return JSON.parse(await requireOk({ args, cwd: import.meta.dirname, timeoutSeconds })) as Floor;
}

interface Report {
  readonly run: string;
  readonly rowsWritten: number;
  readonly finishedAt: string;
}
