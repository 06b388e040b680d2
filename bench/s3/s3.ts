// What a storage in S3 costs against a folder: the commands of the flights demo, each in a fresh process, with its storage in
// a folder, in a bucket of a server on this machine with the copies of former commands at hand, and without them. The
// source is a file of this machine. The ways take turns, each starting from nothing.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeLabels } from '../../examples/flights/demo/data.ts';
import { type Command, measure, type Run, requireOk } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { PLUMB } from '../plumb-project.ts';
import type { Bench } from '../results.ts';
import { gibibytes, median, peakOf, runText, say, seconds } from '../results.ts';
import { type S3Server, startS3 } from './s3-server.ts';

const PROJECT = fileURLToPath(new URL('../../examples/flights/plumb.yaml', import.meta.url));
const WAYS = ['folder', 'S3, warm cache', 'S3, cold cache'] as const;
type Way = (typeof WAYS)[number];

const STEPS = ['materialize', 'materialize, a week later', 'training set'] as const;
type Step = (typeof STEPS)[number];

interface S3Run extends Run {
  readonly way: Way;
  readonly step: Step;
}

/** Of the demo, every tenth flight of June; quick: few. */
const EVERY_NTH_FLIGHT = 10;
const QUICK_EVERY_NTH_FLIGHT = 5000;

export async function s3Bench(options: Options): Promise<Bench> {
  await mkdir(options.dataFolder, { recursive: true });
  await using server = await startS3();
  const labels = join(options.dataFolder, `flight-labels-${process.pid}.parquet`);
  await writeLabels(labels, options.quick ? QUICK_EVERY_NTH_FLIGHT : EVERY_NTH_FLIGHT);
  const runs: S3Run[] = [];
  for (let round = 0; round < options.runs; round += 1) {
    const order = [...WAYS.slice(round % WAYS.length), ...WAYS.slice(0, round % WAYS.length)];
    for (const way of order) runs.push(...(await measureWay(options, server, labels, way, round)));
  }
  await rm(labels);
  return { name: 's3', table: [HEAD, ...STEPS.map((step) => line(runs, step))], raw: runs };
}

const HEAD = ['command', ...WAYS.map((way) => `${way}: wall`), ...WAYS.map((way) => `${way}: peak`)];

function line(runs: readonly S3Run[], step: Step): readonly string[] {
  const of = (way: Way) => runs.filter((run) => run.way === way && run.step === step);
  const walls = WAYS.map((way) => seconds(median(of(way)).wallSeconds));
  return [step, ...walls.map((wall) => `${wall} s`), ...WAYS.map((way) => gibibytes(peakOf(of(way))))];
}

async function measureWay(
  options: Options,
  server: S3Server,
  labels: string,
  way: Way,
  round: number,
): Promise<readonly S3Run[]> {
  const folder = await mkdtemp(join(options.dataFolder, 's3-'));
  const storage =
    way === 'folder' ? join(folder, 'storage') : `s3://${server.bucket}/${round}-${way.replaceAll(/\W+/g, '-')}`;
  const cache = join(folder, 'cache');
  const env = {
    ...server.credentials,
    PLUMB_STORAGE: storage,
    PLUMB_S3_ENDPOINT: server.endpoint,
    PLUMB_S3_CACHEFOLDER: cache,
    PLUMB_ONLINE_PATH: join(folder, 'online'),
    PLUMB_ENGINE_MEMORYLIMIT: options.memory,
    PLUMB_ENGINE_THREADS: String(options.threads),
  };
  const command = (...args: readonly string[]): Command => ({
    args: [PLUMB, '--config', PROJECT, ...args],
    cwd: folder,
    timeoutSeconds: options.timeoutSeconds,
    env,
  });
  const commands: Readonly<Record<Step, Command>> = {
    materialize: command('materialize', '--until', '2001-06-24T00:00:00Z'),
    'materialize, a week later': command('materialize', '--until', '2001-07-01T00:00:00Z'),
    'training set': command('dataset', 'create', '--service', 'late_flight', '--labels', labels, '--name', 'bench'),
  };
  const runs: S3Run[] = [];
  await requireOk(command('apply'));
  for (const step of STEPS) {
    if (way === 'S3, cold cache') await rm(cache, { recursive: true, force: true });
    const { stdout: _, ...run } = await measure(commands[step]);
    say(`${step}, ${way}: ${runText(run)}`);
    runs.push({ ...run, way, step });
  }
  await rm(folder, { recursive: true, force: true });
  return runs;
}
