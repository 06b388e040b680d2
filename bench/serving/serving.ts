// Lookups: `plumb serve` under load, beside a bare Node server that answers the same bytes in the same run. Each measurement
// has a fresh process, the two take turns in alternating order, and the middle one of each counts.
import { join } from 'node:path';
import { RedisServer } from '../../test/servers/redis.ts';
import type { Options } from '../options.ts';
import { PLUMB, type PlumbProject, plumbProject } from '../plumb-project.ts';
import { type Bench, say } from '../results.ts';
import { type ServingCase, selectCases } from './cases.ts';
import { dataFiles, UNTIL } from './data-files.ts';
import { definitions, filesOf } from './feature-sets.ts';
import { fillFloor } from './fill-floor.ts';
import { viewsOf } from './floor-rows.ts';
import { openFloor } from './floor-store.ts';
import { openLoop } from './open-loop.ts';
import { requestBodies } from './request-bodies.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { type Measurement, resultText, servingTable } from './serving-table.ts';
import { wrk } from './wrk.ts';

/** Both servers, ready to be started. */
interface Contest {
  readonly folder: string;
  readonly args: Readonly<Record<Measurement['contender'], readonly string[]>>;
}

export async function servingBench(options: Options): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const { store } = options;
  const cases = selectCases(options.cases);
  const redis = store === 'redis' ? stack.use(await RedisServer.start()) : null;
  const online = redis === null ? { kind: 'lmdb' } : { kind: 'redis', url: redis.url };
  // The views that the floor answers are services by themselves while it is filled.
  const floored = [
    ...new Set(cases.filter(({ against }) => against === 'floor').flatMap((one) => viewsOf(one.service))),
  ];
  const services = [...new Set([...cases.map(({ service }) => service), ...floored])];
  const files = await dataFiles(options, filesOf(services));
  const project = stack.use(await plumbProject(options, definitions(services, files), online));
  await project.plumbOk('materialize', '--until', UNTIL);
  const place = redis?.url ?? join(project.folder, 'floor');
  await prepareFloor(options, project, place, floored);
  const args = { plumb: SERVE, floor: [join(import.meta.dirname, 'floor-server.ts'), store, place] };
  const raw = await measureAll(options, cases, { folder: project.folder, args });
  return { name: store === 'lmdb' ? 'serving' : `serving-${store}`, table: servingTable(cases, raw), raw };
}

export const SERVE = [PLUMB, 'serve', '--port', '0'];

async function prepareFloor(
  options: Options,
  { folder }: PlumbProject,
  place: string,
  views: readonly string[],
): Promise<void> {
  await using server = await startServerProcess(SERVE, folder);
  await using floor = await openFloor(options.store, place);
  for (const view of views) await fillFloor(floor, server.url, view, options.keys);
}

async function measureAll(options: Options, cases: readonly ServingCase[], contest: Contest): Promise<Measurement[]> {
  const raw: Measurement[] = [];
  for (let round = 0; round < options.runs; round += 1) {
    for (const asked of cases) {
      const contenders = asked.against === 'floor' ? (['plumb', 'floor'] as const) : (['plumb'] as const);
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
        await using server = await startServerProcess(contest.args[contender], contest.folder);
        const measured = await measureLoad(options, server, asked);
        const measurement = { case: asked.name, contender, round, ...measured };
        raw.push(measurement);
        say(`${asked.name}, ${contender}: ${resultText(measurement)}`);
      }
    }
  }
  return raw;
}

export type Measured = Omit<Measurement, 'case' | 'contender' | 'round'>;

export async function measureLoad(options: Options, server: ServerProcess, asked: ServingCase): Promise<Measured> {
  const { keys, seed, connections, seconds } = options;
  const bodiesOf = (drawn: number): readonly string[] => requestBodies(asked, keys, drawn);
  if (asked.load === 'closed') return measureClosed(options, server, bodiesOf);
  const load = { url: server.url, connections, seconds };
  const { requestsPerSecond } = await wrk({ ...load, bodies: bodiesOf(seed + 1) });
  const bodies = bodiesOf(seed);
  return withCpu(server, () => openLoop({ ...load, bodies, requestsPerSecond: requestsPerSecond / 2 }));
}

/** `bodiesOf`: those that a seed draws. */
export async function measureClosed(
  { seed, connections, seconds, quick }: Options,
  server: ServerProcess,
  bodiesOf: (seed: number) => readonly string[],
): Promise<Measured> {
  const load = { url: server.url, connections };
  // Other keys than those measured: the code gets warm, not the answers.
  if (!quick) await wrk({ ...load, bodies: bodiesOf(seed + 1), seconds: Math.ceil(seconds / 4) });
  return withCpu(server, () => wrk({ ...load, bodies: bodiesOf(seed), seconds }));
}

async function withCpu<T extends { readonly requests: number }>(
  server: ServerProcess,
  work: () => Promise<T>,
): Promise<T & { readonly cpuMicros: number | null }> {
  const before = server.cpuSeconds();
  const result = await work();
  const after = server.cpuSeconds();
  return {
    ...result,
    cpuMicros: before === null || after === null ? null : (1e6 * (after - before)) / result.requests,
  };
}
