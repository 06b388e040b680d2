// How a row should lie in the store: packed binary, ready JSON text, or a mix, over feature sets as services have them.
// docs/adr/0008-rows-hold-the-text-of-the-answer.md tells what came of it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireOk } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { type Bench, say, thousands } from '../results.ts';
import { CONTENDERS } from './contenders.ts';
import { FEATURE_SETS, featureSet } from './feature-sets.ts';
import type { FormatRun } from './measure-format.ts';
import { lmdbBytes, type RedisServer, startRedis } from './stored-sizes.ts';

interface Measured {
  readonly set: string;
  readonly features: number;
  readonly contender: string;
  readonly redisBytes: number;
  readonly redisListpackBytes: number;
  readonly lmdbBytes: number;
  readonly runs: readonly FormatRun[];
}

const NAMES = Object.keys(CONTENDERS);
/** hash-max-listpack-value: as Redis comes, and raised above any row. */
const LISTPACK = { usual: 64, raised: 65_536 } as const;

export async function codecBench(options: Options): Promise<Bench> {
  await mkdir(options.dataFolder, { recursive: true });
  const folder = await mkdtemp(join(options.dataFolder, 'codec-'));
  try {
    await using redis = await startRedis(folder);
    const measured: Measured[] = [];
    for (const [set, features] of FEATURE_SETS)
      measured.push(...(await measureSet(options, redis, folder, set, features)));
    return { name: 'codec', table: tableOf(measured), raw: measured };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureSet(
  options: Options,
  redis: RedisServer,
  folder: string,
  set: string,
  features: number,
): Promise<Measured[]> {
  const runs = new Map(NAMES.map((name) => [name, [] as FormatRun[]]));
  for (let round = 0; round < options.runs; round += 1) {
    for (const name of round % 2 === 0 ? NAMES : NAMES.toReversed()) {
      runs.get(name)?.push(await measureFormat(options, name, set, features));
    }
  }
  const measured: Measured[] = [];
  for (const contender of NAMES) {
    const rows = rowsOf(options, contender, set, features);
    measured.push({
      ...{ set, features, contender, runs: runs.get(contender) ?? [] },
      redisBytes: await redis.hashBytes(rows, LISTPACK.usual),
      redisListpackBytes: await redis.hashBytes(rows, LISTPACK.raised),
      lmdbBytes: await lmdbBytes(folder, rows),
    });
    say(rowText(measured.at(-1) as Measured).join(' | '));
  }
  return measured;
}

async function measureFormat(options: Options, name: string, set: string, features: number): Promise<FormatRun> {
  const script = join(import.meta.dirname, 'measure-format.ts');
  const rows = options.quick ? 20 : Math.ceil(40_000 / features / 100) * 100;
  const args = [script, name, set, features, Math.min(rows, 4_000), options.seed, options.quick ? 2 : 60].map(String);
  const { dataFolder: cwd, timeoutSeconds } = options;
  return JSON.parse(await requireOk({ args, cwd, timeoutSeconds })) as FormatRun;
}

function rowsOf({ quick, seed }: Options, contender: string, set: string, features: number): Uint8Array[] {
  const rowCount = quick ? 200 : features === 200 ? 4_000 : 20_000;
  const { schema, columns } = featureSet(set, features, rowCount, seed);
  const format = (CONTENDERS[contender] as (typeof CONTENDERS)[string])(schema);
  return Array.from({ length: rowCount }, (_value, index) => format.encode(columns, index));
}

const HEAD = [
  'features',
  'row',
  'bytes',
  'Redis hash',
  'Redis, listpack raised',
  'LMDB file',
  'encode rows/s',
  'answer all rows/s',
  'answer 5 rows/s',
  'to Arrow rows/s',
];

const tableOf = (measured: readonly Measured[]): Bench['table'] => [HEAD, ...measured.map(rowText)];

function rowText({
  set,
  features,
  contender,
  runs,
  redisBytes,
  redisListpackBytes,
  lmdbBytes: lmdb,
}: Measured): string[] {
  const sizes = [runs[0]?.bytesPerRow ?? 0, redisBytes, redisListpackBytes, lmdb];
  const speeds = (['encode', 'answerAll', 'answerFive', 'toArrow'] as const).map((what) =>
    middle(runs.map((run) => run[what])),
  );
  return [`${features} ${set}`, contender, ...[...sizes, ...speeds].map(thousands)];
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
