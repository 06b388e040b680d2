// Lookups from a server with one process and from one with two workers, under the same load, in turns. Where wrk and Redis have
// no cores of their own, what is asked is that the second worker costs nothing; what it brings shows where they have.
import { readFileSync } from 'node:fs';
import { RedisServer } from '../../test/servers/redis.ts';
import type { Options } from '../options.ts';
import { plumbProject } from '../plumb-project.ts';
import { type Bench, middle, say, thousands } from '../results.ts';
import { selectCases } from './cases.ts';
import { dataFiles, UNTIL } from './data-files.ts';
import { definitions, filesOf } from './feature-sets.ts';
import { childrenOf, startServerProcess } from './server-process.ts';
import { type Measured, measureLoad, SERVE } from './serving.ts';

const COUNTS = [1, 2] as const;
type WorkerCount = (typeof COUNTS)[number];

interface Measurement extends Measured {
  readonly case: string;
  readonly workers: WorkerCount;
  readonly round: number;
  /** Proportional set size of all processes of the server after the load; null where there is no /proc. */
  readonly memoryBytes: number | null;
}

export async function workersBench(options: Options): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const { store } = options;
  const cases = selectCases(options.cases ?? ['mixed-1', 'mixed-100']).filter(({ load }) => load === 'closed');
  const redis = store === 'redis' ? stack.use(await RedisServer.start()) : null;
  const online = redis === null ? { kind: 'lmdb' } : { kind: 'redis', url: redis.url };
  const services = [...new Set(cases.map(({ service }) => service))];
  const files = await dataFiles(options, filesOf(services));
  const project = stack.use(await plumbProject(options, definitions(services, files), online));
  await project.plumbOk('materialize', '--until', UNTIL);
  const raw: Measurement[] = [];
  for (let round = 0; round < options.runs; round += 1) {
    for (const asked of cases) {
      for (const workers of round % 2 === 0 ? COUNTS : COUNTS.toReversed()) {
        await using server = await startServerProcess([...SERVE, '--workers', String(workers)], project.folder);
        const measured = await measureLoad(options, server, asked);
        raw.push({ case: asked.name, workers, round, ...measured, memoryBytes: memoryOf(server.pid) });
        say(`${asked.name}, ${workers}: ${figures([measured]).join(', ')}`);
      }
    }
  }
  const name = store === 'lmdb' ? 'workers' : `workers-${store}`;
  return { name, table: tableOf([...new Set(cases.map((one) => one.name))], raw), raw };
}

const HEAD = [
  ...['case', '1 process, requests/s', 'p50', 'p99', 'CPU a lookup', 'memory'],
  ...['2 workers, requests/s', 'p50', 'p99', 'CPU a lookup', 'memory', 'ratio', 'CPU ratio'],
];

function tableOf(cases: readonly string[], raw: readonly Measurement[]): Bench['table'] {
  const rows = cases.map((name) => {
    const of = (workers: WorkerCount) => raw.filter((one) => one.case === name && one.workers === workers);
    const [one, two] = [of(1), of(2)];
    const rate = (runs: readonly Measurement[]) => middle(runs.map((run) => run.requestsPerSecond));
    const cpu = (runs: readonly Measurement[]) => middle(runs.map((run) => run.cpuMicros ?? Number.NaN));
    const ratios = [(rate(two) / rate(one)).toFixed(2), (cpu(two) / cpu(one)).toFixed(2)];
    return [name, ...figures(one), memory(one), ...figures(two), memory(two), ...ratios];
  });
  return [HEAD, ...rows];
}

const figures = (runs: readonly Measured[]): readonly string[] => [
  thousands(middle(runs.map((run) => run.requestsPerSecond))),
  `${middle(runs.map((run) => run.p50Millis)).toFixed(2)} ms`,
  `${middle(runs.map((run) => run.p99Millis)).toFixed(2)} ms`,
  `${middle(runs.map((run) => run.cpuMicros ?? Number.NaN)).toFixed(0)} µs`,
];

const memory = (runs: readonly Measurement[]): string =>
  `${(middle(runs.map((run) => run.memoryBytes ?? Number.NaN)) / 1e6).toFixed(0)} MB`;

function memoryOf(pid: number): number | null {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return childrenOf(pid).reduce((sum, child) => sum + (memoryOf(child) ?? 0), Number(kilobytes) * 1024);
  } catch {
    return null;
  }
}
