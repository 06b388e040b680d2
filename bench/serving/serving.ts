// Lookups: `plumb serve` under wrk, as a ratio to the floor in the same run. Each measurement has a fresh process, the two
// take turns in alternating order, and the middle one of each counts.
import { join } from 'node:path';
import { RedisServer } from '../../test/servers/redis.ts';
import type { Options } from '../options.ts';
import { PLUMB, type PlumbProject, plumbProject } from '../plumb-project.ts';
import { type Bench, middle, say, thousands } from '../results.ts';
import { fillFloor } from './fill-floor.ts';
import { openFloor } from './floor-store.ts';
import { startServerProcess } from './server-process.ts';
import { definitions, FEATURES, type FeatureSet, lookupRows, SETS, THREE_VIEWS, UNTIL } from './world.ts';
import { type Load, type LoadResult, wrk } from './wrk.ts';

const ENTITIES = [1, 100] as const;
const CONTENDERS = ['plumb', 'floor', 'details', 'three views'] as const;
type Contender = (typeof CONTENDERS)[number];

/** Ways to ask Plumb that are measured against its plain answer. */
const ASKED: Readonly<Record<Contender, { readonly service?: string; readonly fields?: string }>> = {
  plumb: {},
  floor: {},
  details: { fields: '"statuses":true,"eventTimes":true' },
  'three views': { service: THREE_VIEWS },
};

interface Measurement extends LoadResult {
  readonly set: FeatureSet;
  readonly entities: number;
  readonly contender: Contender;
  readonly round: number;
}

export async function servingBench(options: Options): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const { store } = options;
  const redis = store === 'redis' ? stack.use(await RedisServer.start()) : null;
  const online = redis === null ? { kind: 'lmdb' } : { kind: 'redis', url: redis.url };
  const project = stack.use(await plumbProject(options, definitions(await lookupRows(options)), online));
  await project.plumbOk('materialize', '--until', UNTIL);
  const floorPlace = redis?.url ?? join(project.folder, 'floor');
  await prepareFloor(options, project, floorPlace);
  const plumb = [PLUMB, 'serve', '--port', '0'];
  const floor = [join(import.meta.dirname, 'floor-server.ts'), store, floorPlace];
  const sets = setsOf(options);
  const raw: Measurement[] = [];
  for (let round = 0; round < options.runs; round += 1) {
    for (const set of sets) {
      for (const entities of ENTITIES) {
        const order = round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed();
        for (const contender of order.filter((one) => set === 'mixed' || ASKED[one].service === undefined)) {
          const args = contender === 'floor' ? floor : plumb;
          const asked = { service: set, entities, ...ASKED[contender] };
          const result = await measureLoad(options, { args, folder: project.folder, asked });
          raw.push({ set, entities, contender, round, ...result });
          say(`${set}, ${entities} × ${FEATURES}, ${contender}: ${resultText(result)}`);
        }
      }
    }
  }
  return { name: store === 'lmdb' ? 'serving' : `serving-${store}`, table: tableOf(raw, sets), raw };
}

/** The other set runs the same code. */
const setsOf = ({ quick }: Options): readonly FeatureSet[] => (quick ? ['mixed'] : SETS);

async function prepareFloor(options: Options, { folder }: PlumbProject, place: string): Promise<void> {
  await using server = await startServerProcess([PLUMB, 'serve', '--port', '0'], folder);
  await using floor = await openFloor(options.store, place);
  for (const set of setsOf(options)) await fillFloor(floor, server.url, set, options.keys);
}

interface Measured {
  readonly args: readonly string[];
  readonly folder: string;
  readonly asked: Pick<Load, 'service' | 'entities' | 'fields'>;
}

async function measureLoad(
  { keys, seed, connections, seconds, quick }: Options,
  { args, folder, asked }: Measured,
): Promise<LoadResult> {
  await using server = await startServerProcess(args, folder);
  const load = { url: server.url, ...asked, keys, connections };
  // Other keys than those measured: the code gets warm, not the answers.
  if (!quick) await wrk({ ...load, seed: seed + 1, seconds: Math.ceil(seconds / 4) });
  return await wrk({ ...load, seed, seconds });
}

const HEAD = [
  ...['20 features', 'Plumb, requests/s', 'p50', 'p99', 'floor, requests/s', 'p50', 'p99', 'ratio', 'bytes'],
  ...['statuses and event times / plain', 'three views / one'],
];

function tableOf(raw: readonly Measurement[], sets: readonly FeatureSet[]): Bench['table'] {
  const rows = sets.flatMap((set) =>
    ENTITIES.map((entities) => {
      const of = (contender: Contender) =>
        raw.filter((one) => one.set === set && one.entities === entities && one.contender === contender);
      const [plumb, floor] = [of('plumb'), of('floor')];
      const rate = (runs: readonly Measurement[]) => middle(runs.map((run) => run.requestsPerSecond));
      return [
        `${set}, ${entities} ${entities === 1 ? 'entity' : 'entities'}`,
        ...figures(plumb),
        ...figures(floor),
        (rate(plumb) / rate(floor)).toFixed(2),
        thousands(middle(plumb.map((run) => run.bytesPerAnswer))),
        ...(['details', 'three views'] as const).map((other) =>
          of(other).length === 0 ? '' : (rate(of(other)) / rate(plumb)).toFixed(2),
        ),
      ];
    }),
  );
  return [HEAD, ...rows];
}

const figures = (runs: readonly Measurement[]): readonly string[] => [
  thousands(middle(runs.map((run) => run.requestsPerSecond))),
  millis(middle(runs.map((run) => run.p50Millis))),
  millis(middle(runs.map((run) => run.p99Millis))),
];

const millis = (value: number): string => `${value.toFixed(2)} ms`;

const resultText = ({ requestsPerSecond, p50Millis, p99Millis, bytesPerAnswer }: LoadResult): string =>
  `${thousands(requestsPerSecond)} requests/s, p50 ${millis(p50Millis)}, p99 ${millis(p99Millis)}, ${bytesPerAnswer} bytes`;
