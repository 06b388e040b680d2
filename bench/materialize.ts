// Materialization: a row view of many keys × twenty float64 into LMDB, with `plumb materialize` in a fresh process; and
// how much of it is writing the rows online: from the manifest of the run until its end.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionsInput } from '../schemas/builders.ts';
import { openDuckdb, text } from './duckdb.ts';
import type { Run } from './measured-process.ts';
import type { Options } from './options.ts';
import { plumbProject } from './plumb-project.ts';
import type { Bench } from './results.ts';
import { gibibytes, median, peakOf, runText, say, seconds, thousands } from './results.ts';

const COLUMNS = Array.from({ length: 20 }, (_, i) => `v${i}`);
const VIEW = 'wide';

interface MaterializeRun extends Run {
  readonly rows: number;
  readonly onlineSeconds: number;
}

export async function materializeBench(options: Options): Promise<Bench> {
  const path = await wideRows(options);
  const runs: MaterializeRun[] = [];
  for (let i = 0; i < options.runs; i += 1) {
    const run = await measureRun(options, path);
    runs.push(run);
    const online = `${seconds(run.onlineSeconds)} s online (${thousands(run.rows / run.onlineSeconds)} rows/s)`;
    say(`materialize ${thousands(run.rows)} keys × ${COLUMNS.length}: ${runText(run)}, ${online}`);
  }
  const { rows, wallSeconds, onlineSeconds } = median(runs);
  const head = [
    'keys × float64',
    'wall',
    'rows/s, whole command',
    'writing online',
    'rows/s, writing online',
    'peak memory',
  ];
  const row = [
    `${thousands(rows)} × ${COLUMNS.length}`,
    `${seconds(wallSeconds)} s`,
    thousands(rows / wallSeconds),
    `${seconds(onlineSeconds)} s (${Math.round((100 * onlineSeconds) / wallSeconds)} %)`,
    thousands(rows / onlineSeconds),
    gibibytes(peakOf(runs)),
  ];
  return { name: 'materialize', table: [head, row], raw: runs };
}

async function wideRows({ dataFolder, rows, seed }: Options): Promise<string> {
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

const definitions = (path: string): DefinitionsInput => ({
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
  await using project = await plumbProject(options, definitions(path));
  const { stdout, ...run } = await project.plumb('materialize', VIEW, '--until', '2026-01-03T00:00:00Z', '--json');
  if (run.outcome !== 'ok') throw new Error(`materialize: ${runText(run)}\n${stdout}`);
  const report = (JSON.parse(stdout) as { readonly runs: readonly Report[] }).runs[0];
  if (report === undefined) throw new Error(`materialize: no run in ${stdout}`);
  const file = join(project.folder, '.plumb', 'views', VIEW, report.run, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { readonly createdAt: string };
  await rm(join(project.folder, '.plumb'), { recursive: true });
  return {
    ...run,
    rows: report.rowsWritten,
    onlineSeconds: (Date.parse(report.finishedAt) - Date.parse(manifest.createdAt)) / 1000,
  };
}

interface Report {
  readonly run: string;
  readonly rowsWritten: number;
  readonly finishedAt: string;
}
