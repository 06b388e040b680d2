// Lookups over HTTP: 1, 10 and 100 entities × 50 features of mixed types, asked of Feast by feature references. Plumb is asked
// plainly, and with statuses and event times, which Feast always sends. And from the start of a server to its first answer.
import { RedisServer } from '../../test/servers/redis.ts';
import type { Options } from '../options.ts';
import { PLUMB, plumbProject } from '../plumb-project.ts';
import { middle, say, thousands } from '../results.ts';
import { CASES, type ServingCase } from '../serving/cases.ts';
import { UNTIL } from '../serving/data-files.ts';
import { definitions, ROW_SETS } from '../serving/feature-sets.ts';
import type { LoadResult } from '../serving/load-result.ts';
import { requestBodies } from '../serving/request-bodies.ts';
import { type ServerProcess, startServerProcess } from '../serving/server-process.ts';
import { wrk } from '../serving/wrk.ts';
import { type FeastRepo, feastRepo } from './feast-program.ts';
import { FIFTY, type Files } from './worlds.ts';

const COUNTS = [1, 10, 100] as const;
const CONTENDERS = ['plumb', 'plumb-with-details', 'feast'] as const;
type Contender = (typeof CONTENDERS)[number];

export interface LookupRun extends LoadResult {
  readonly contender: Contender;
  readonly entities: number;
  /** From the start of the server's process to its first answer. */
  readonly firstAnswerMillis: number;
}

export async function measureLookups(options: Options, bin: string, files: Files): Promise<readonly LookupRun[]> {
  await using stack = new AsyncDisposableStack();
  const [ownRedis, redis] = [stack.use(await RedisServer.start()), stack.use(await RedisServer.start())];
  const online = { kind: 'redis', url: ownRedis.url };
  const project = stack.use(await plumbProject(options, definitions([FIFTY], { fifty: files.fifty }), online));
  await project.plumbOk('materialize', '--until', UNTIL);
  const repo = stack.use(await feastRepo(options, { bin, files, redis, offline: 'duckdb' }));
  await fill(repo);
  const start: Readonly<Record<'plumb' | 'feast', () => Promise<ServerProcess>>> = {
    plumb: () => startServerProcess([PLUMB, 'serve', '--port', '0'], project.folder),
    feast: () => repo.serve(),
  };
  const raw: LookupRun[] = [];
  for (let round = 0; round < options.runs; round += 1)
    for (const entities of COUNTS)
      for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
        const from = performance.now();
        await using server = await start[contender === 'feast' ? 'feast' : 'plumb']();
        const run = { contender, entities, ...(await measureOne(options, server, { contender, entities, from })) };
        raw.push(run);
        say(`${entities} × 50, ${contender}: ${thousands(run.requestsPerSecond)}/s, p99 ${run.p99Millis} ms`);
      }
  return raw;
}

async function fill(repo: FeastRepo): Promise<void> {
  const { outcome, message } = await repo.feast(
    'materialize',
    '--views',
    FIFTY,
    '2025-12-01T00:00:00',
    UNTIL.slice(0, -1),
  );
  if (outcome !== 'ok') throw new Error(`feast materialize: ${message}`);
}

interface Asked {
  readonly contender: Contender;
  readonly entities: number;
  readonly from: number;
}

async function measureOne(options: Options, server: ServerProcess, { contender, entities, from }: Asked) {
  const { keys, seed, connections, seconds } = options;
  const path = contender === 'feast' ? '/get-online-features' : '/v1/online-features';
  const bodies = (ofSeed: number): readonly string[] => bodiesFor(contender, entities, keys, ofSeed);
  const warm = bodies(seed + 1);
  await requireWhole(`${server.url}${path}`, warm[0] as string, contender);
  const firstAnswerMillis = performance.now() - from;
  const load = { url: server.url, path, connections };
  await wrk({ ...load, bodies: warm, seconds: Math.ceil(seconds / 4) });
  return { firstAnswerMillis, ...(await wrk({ ...load, bodies: bodies(seed), seconds })) };
}

function bodiesFor(contender: Contender, entities: number, keys: number, seed: number): readonly string[] {
  const name = contender === 'plumb-with-details' ? `details-${entities}` : `${FIFTY}-${entities}`;
  const bodies = requestBodies(CASES.find((one) => one.name === name) as ServingCase, keys, seed);
  if (contender !== 'feast') return bodies;
  const features = ROW_SETS[FIFTY]?.columns.map((column) => `${FIFTY}:${column.name}`);
  return bodies.map((body) => {
    const { entities: asked } = JSON.parse(body) as { readonly entities: readonly { readonly user_id: number }[] };
    return JSON.stringify({ features, entities: { user_id: asked.map(({ user_id }) => user_id) } });
  });
}

/** Keys that are there have values: an empty store would be fast. */
async function requireWhole(url: string, body: string, contender: Contender): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  const answer = await response.text();
  const isWhole = response.ok && !/\bnull\b|NOT_FOUND/.test(answer);
  if (!isWhole) throw new Error(`${contender}: ${response.status} ${answer.slice(0, 500)}`);
}

export function lookupRows(raw: readonly LookupRun[]): readonly (readonly string[])[] {
  const of = (contender: Contender, entities: number, figure: (run: LookupRun) => number): number =>
    middle(raw.filter((run) => run.contender === contender && run.entities === entities).map(figure));
  const rates = COUNTS.flatMap((entities) =>
    (['plumb', 'plumb-with-details'] as const).map((contender) => {
      const rate = ({ requestsPerSecond }: LookupRun): number => requestsPerSecond;
      const [own, theirs] = [of(contender, entities, rate), of('feast', entities, rate)];
      const what = contender === 'plumb' ? '' : ', statuses and event times';
      return [`${entities} × 50${what}, requests/s`, thousands(own), thousands(theirs), (own / theirs).toFixed(1)];
    }),
  );
  const first = ({ firstAnswerMillis }: LookupRun): number => firstAnswerMillis;
  const [own, theirs] = [of('plumb', 1, first), of('feast', 1, first)];
  return [
    ...rates,
    ['server: start to first answer, ms', thousands(own), thousands(theirs), (theirs / own).toFixed(1)],
  ];
}
