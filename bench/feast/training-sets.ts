// Training sets, the whole command: labels in, rows out, and in how many rows the values differ from Plumb's.
import { join } from 'node:path';
import { RedisServer } from '../../test/servers/redis.ts';
import { openDuckdb, text } from '../duckdb.ts';
import type { Finished, Run } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { type PlumbProject, plumbProject } from '../plumb-project.ts';
import { median, middle, runText, say, seconds, thousands } from '../results.ts';
import { type FeastRepo, feastRepo } from './feast-program.ts';
import { DOUBLES, type Files, HISTORY, historyDefinitions, writeLabels } from './worlds.ts';

const CONTENDERS = ['plumb', 'feast-duckdb', 'feast-dask'] as const;
type Contender = (typeof CONTENDERS)[number];
const LABELS = [10, 10_000, 100_000] as const;
const QUICK_LABELS = [10, 500] as const;

export interface TrainingRun extends Run {
  readonly contender: Contender;
  readonly labels: number;
  readonly rowsOut: number;
  /** Labels whose features are others than in Plumb's; labels that are missing do not count. */
  readonly differing: number;
}

type Make = Readonly<Record<Contender, (labels: string, out: string) => Promise<Finished>>>;

export async function measureTrainingSets(
  options: Options,
  bin: string,
  files: Files,
): Promise<readonly TrainingRun[]> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await RedisServer.start());
  const project = stack.use(await plumbProject(options, historyDefinitions(files.history)));
  const repoOf = async (offline: 'duckdb' | 'dask') =>
    stack.use(await feastRepo(options, { bin, files, redis, offline }));
  const make: Make = {
    plumb: byPlumb(project),
    'feast-duckdb': byFeast(await repoOf('duckdb')),
    'feast-dask': byFeast(await repoOf('dask')),
  };
  const raw: TrainingRun[] = [];
  for (const labels of options.quick ? QUICK_LABELS : LABELS)
    for (let round = 0; round < options.runs; round += 1)
      for (const contender of CONTENDERS) {
        const out = join(project.folder, `${contender}.parquet`);
        const { stdout: _, ...run } = await make[contender](await writeLabels(options, labels), out);
        if (run.outcome !== 'ok') throw new Error(`${contender}: ${runText(run)}`);
        raw.push({ contender, labels, ...run, ...(await compare(join(project.folder, 'plumb.parquet'), out)) });
        say(
          `${thousands(labels)} labels, ${contender}: ${runText(run)}, ${thousands(raw.at(-1)?.rowsOut ?? 0)} rows out`,
        );
      }
  return raw;
}

const byPlumb =
  (project: PlumbProject): Make['plumb'] =>
  (labels, out) =>
    project.plumb('dataset', 'create', '--service', HISTORY, '--labels', labels, '--out', out);

const byFeast =
  (repo: FeastRepo): Make['feast-dask'] =>
  (labels, out) =>
    repo.python('training_set.py', repo.folder, labels, out);

async function compare(plumb: string, other: string) {
  using duckdb = await openDuckdb();
  const read = (path: string): string => `read_parquet(${text(path)})`;
  const [own = {}] = await duckdb.rows(`DESCRIBE SELECT columns('(^|__)v0$') FROM ${read(plumb)}`);
  const prefix = String(own.column_name).replace(/v0$/, '');
  const isOther = DOUBLES.map((name) =>
    plumb === other ? 'false' : `p."${prefix}${name}" IS DISTINCT FROM o."${name}"`,
  ).join(' OR ');
  const [counted = {}] = await duckdb.rows(
    `SELECT count(*) AS "rowsOut", count(*) FILTER (WHERE ${isOther}) AS differing FROM ${read(other)} o JOIN ${read(plumb)} p USING (label_id)`,
  );
  return { rowsOut: Number(counted.rowsOut), differing: Number(counted.differing) };
}

export function trainingRows(raw: readonly TrainingRun[], rows: number): readonly (readonly string[])[] {
  return [...new Set(raw.map(({ labels }) => labels))].flatMap((labels) => {
    const runs = (contender: Contender) => raw.filter((run) => run.contender === contender && run.labels === labels);
    const own = median(runs('plumb'));
    return (['feast-duckdb', 'feast-dask'] as const).map((contender) => {
      const theirs = median(runs(contender));
      const told = (run: TrainingRun): string => `${seconds(run.wallSeconds)}, ${thousands(run.rowsOut)} rows`;
      const differing = middle(runs(contender).map((run) => run.differing));
      return [
        `${thousands(labels)} labels × ${thousands(rows)} rows, ${contender}, s`,
        told(own),
        `${told(theirs)}${differing > 0 ? `, ${thousands(differing)} with other values` : ''}`,
        (theirs.wallSeconds / own.wallSeconds).toFixed(1),
      ];
    });
  });
}
