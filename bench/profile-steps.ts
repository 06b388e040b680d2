// Where Plumb's own time goes in a training set: wall and CPU seconds, and rows, of every step of the compiled script.
//   node bench/profile-steps.ts --only training-uniform,training-hot --events 1000000 --labels 100000 [--sql]
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../src/catalog/catalog.ts';
import { requireService } from '../src/catalog/look-up.ts';
import { resolveDefinitions } from '../src/definitions/resolve.ts';
import { nowMicros } from '../src/instant.ts';
import { createDuckdbExpressionCompiler } from '../src/offline/duckdb/expression-compiler.ts';
import { loadLabels } from '../src/offline/duckdb/labels/load-labels.ts';
import { localFile } from '../src/offline/duckdb/local-jobs.ts';
import { checkedFiles } from '../src/offline/duckdb/scanned-files.ts';
import { DuckdbSession } from '../src/offline/duckdb/session.ts';
import { createDuckdbSourceInspector } from '../src/offline/duckdb/source-inspector.ts';
import type { RowsNode } from '../src/plan/nodes.ts';
import { planTrainingSet } from '../src/plan/plan-training-set.ts';
import type { TimeRange } from '../src/plan/time-range.ts';
import { createDuckdbCompiler } from '../src/sql/duckdb/compiler.ts';
import { scanSql } from '../src/sql/duckdb/scan.ts';
import { LABEL_ROW } from '../src/sql/labels.ts';
import type { Script } from '../src/sql/script.ts';
import { FileSourceFiles } from '../src/storage/file/file-source-files.ts';
import { text } from './duckdb.ts';
import type { Options } from './options.ts';
import { readOptions } from './options.ts';
import { markdown, say, seconds, thousands } from './results.ts';
import type { Refresh } from './training/features.ts';
import { definitions, REFRESHES, SERVICE } from './training/features.ts';
import { TICK_MICROS } from './training/training.ts';
import type { Shape } from './training/world.ts';
import { SHAPES, worldFolder } from './training/world.ts';

/** As the engine's own. */
const PAIRS_PER_ROW = 128;
const GIB = 2 ** 30;

const showsSql = process.argv.includes('--sql');
const options = readOptions(process.argv.slice(2).filter((arg) => arg !== '--sql'));
async function profile(
  { events, labels, keys, seed, dataFolder, threads }: Options,
  shape: Shape,
  refresh: Refresh,
): Promise<void> {
  const world = await worldFolder(dataFolder, { shape, events, labels, keys, seed, tickMicros: TICK_MICROS });
  const folder = join(dataFolder, `profile-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    await using session = await DuckdbSession.open({
      memoryBytes: 8 * GIB,
      threads,
      files: [],
      folders: [world, folder],
    });
    say(
      `\n## ${shape}, ${refresh}: ${thousands(events)} events, ${thousands(labels)} labels, ${thousands(keys)} keys\n`,
    );
    const clock = new Clock();
    const script = await compile(session, world, refresh, clock);
    for (const step of script.steps) {
      await session.run(step.sql);
      if (showsSql) say(`-- ${step.name}\n${step.sql};\n`);
      clock.lap(
        step.name,
        step.purpose,
        step.sql.startsWith('CREATE TEMP VIEW') ? null : await rowsOf(session, step.name),
      );
    }
    await session.run(`CREATE TEMP TABLE training_set AS\n${script.result}`);
    if (showsSql) say(`-- training_set\n${script.result};\n`);
    clock.lap('training_set', 'labels with their features', await rowsOf(session, 'training_set'));
    const target = text(join(folder, 'part.parquet'));
    await session.run(
      `COPY (SELECT * FROM training_set ORDER BY ${LABEL_ROW}) TO ${target} (FORMAT parquet, COMPRESSION zstd)`,
    );
    clock.lap('copy', 'in label order to Parquet', null);
    say(clock.table());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compile(session: DuckdbSession, world: string, refresh: Refresh, clock: Clock): Promise<Script> {
  const sourceFiles = new FileSourceFiles(world);
  const catalog = await catalogOf(session, sourceFiles);
  const plan = planTrainingSet(catalog, requireService(catalog, SERVICE[refresh]), 'event_timestamp', {
    builtMicros: nowMicros(),
  });
  clock.start();
  const loaded = await loadLabels(session, {
    plan,
    labels: {
      paths: [join(world, 'labels.parquet')],
      name: 'labels',
      format: 'parquet',
      timestampUnit: null,
      limits: { columns: 1000, depth: 8 },
    },
    folder: world,
  });
  clock.lap('labels', 'labels with their keys and instants', loaded.rows);
  const files = (await sourceFiles.list('events/*.parquet')).map(localFile);
  const source = plan.parts[0]?.rows.scan.source;
  if (source === undefined) throw new Error('the plan has no part');
  const checked = await checkedFiles(session, source, files);
  const compiler = createDuckdbCompiler({
    pairsPerRow: PAIRS_PER_ROW,
    scan: ({ scan }: RowsNode, range: TimeRange) => scanSql(scan.source, checked, range),
  });
  const script = compiler.compileTrainingSet(plan, loaded);
  clock.start();
  return script;
}

const catalogOf = (session: DuckdbSession, sourceFiles: FileSourceFiles): Promise<Catalog> =>
  resolveDefinitions(definitions('events/*.parquet'), {
    project: 'bench',
    inspector: createDuckdbSourceInspector({ memoryBytes: GIB, threads: 1 }, sourceFiles),
    compiler: createDuckdbExpressionCompiler((sql, parameters) => session.prepared(sql, parameters)),
  });

const rowsOf = async (session: DuckdbSession, table: string): Promise<number> =>
  Number((await session.row(`SELECT count(*) AS n FROM ${table}`)).n);

class Clock {
  readonly #rows: string[][] = [];
  #start = process.hrtime.bigint();
  #cpu = process.cpuUsage();
  #total = 0;
  #totalCpu = 0;

  start(): void {
    this.#start = process.hrtime.bigint();
    this.#cpu = process.cpuUsage();
  }

  lap(name: string, purpose: string, rows: number | null): void {
    const elapsed = Number(process.hrtime.bigint() - this.#start) / 1e9;
    this.#total += elapsed;
    const { user, system } = process.cpuUsage(this.#cpu);
    const cpu = (user + system) / 1e6;
    this.#totalCpu += cpu;
    this.#rows.push([name, purpose, rows === null ? '' : thousands(rows), seconds(elapsed), seconds(cpu)]);
    this.start();
  }

  table(): string {
    return markdown([
      ['step', 'what', 'rows', 'wall s', 'cpu s'],
      ...this.#rows,
      ['all', '', '', seconds(this.#total), seconds(this.#totalCpu)],
    ]);
  }
}

for (const shape of SHAPES.filter((name) => options.pieces.includes(`training-${name}`))) {
  for (const refresh of REFRESHES) await profile(options, shape, refresh);
}
