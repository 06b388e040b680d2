// One row per key × 20 random doubles into an empty Redis, the whole command; and what Redis needs for each key.
import { Redis } from 'ioredis';
import { RedisServer } from '../../test/servers/redis.ts';
import { definitions, UNTIL, VIEW } from '../materialize.ts';
import type { Finished, Run } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { plumbProject } from '../plumb-project.ts';
import { middle, runText, say, seconds, thousands } from '../results.ts';
import { feastRepo } from './feast-program.ts';
import type { Files } from './worlds.ts';

const CONTENDERS = ['plumb', 'feast'] as const;
type Contender = (typeof CONTENDERS)[number];

export interface MaterializationRun extends Run {
  readonly contender: Contender;
  readonly bytesPerKey: number;
}

export async function measureMaterialization(options: Options, bin: string, files: Files) {
  const raw: MaterializationRun[] = [];
  for (let round = 0; round < options.runs; round += 1)
    for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
      await using redis = await RedisServer.start();
      const empty = await usedMemory(redis);
      const { stdout: _, ...run } = await RUN[contender](options, bin, files, redis);
      if (run.outcome !== 'ok') throw new Error(`${contender}: ${runText(run)}`);
      const bytesPerKey = ((await usedMemory(redis)) - empty) / options.rows;
      raw.push({ contender, ...run, bytesPerKey });
      say(
        `${thousands(options.rows)} rows into Redis, ${contender}: ${runText(run)}, ${thousands(bytesPerKey)} bytes a key`,
      );
    }
  return raw;
}

type RunIt = (options: Options, bin: string, files: Files, redis: RedisServer) => Promise<Finished>;

const RUN: Readonly<Record<Contender, RunIt>> = {
  plumb: async (options, _bin, files, { url }) => {
    await using project = await plumbProject(options, definitions(files.wide), { kind: 'redis', url });
    return await project.plumb('materialize', VIEW, '--until', UNTIL);
  },
  feast: async (options, bin, files, redis) => {
    await using repo = await feastRepo(options, { bin, files, redis, offline: 'duckdb' });
    return await repo.feast('materialize', '--views', VIEW, '2025-12-01T00:00:00', UNTIL.slice(0, -1));
  },
};

async function usedMemory({ url }: RedisServer): Promise<number> {
  const redis = new Redis(url);
  try {
    return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
  } finally {
    redis.disconnect();
  }
}

export function materializationRows(raw: readonly MaterializationRun[], rows: number): readonly (readonly string[])[] {
  const of = (contender: Contender, figure: (run: MaterializationRun) => number): number =>
    middle(raw.filter((run) => run.contender === contender).map(figure));
  const [wall, theirWall] = CONTENDERS.map((one) => of(one, ({ wallSeconds }) => wallSeconds)) as [number, number];
  const [bytes, theirBytes] = CONTENDERS.map((one) => of(one, ({ bytesPerKey }) => bytesPerKey)) as [number, number];
  return [
    [`${thousands(rows)} × 20 into Redis, s`, seconds(wall), seconds(theirWall), (theirWall / wall).toFixed(1)],
    ['bytes a key in Redis', thousands(bytes), thousands(theirBytes), (theirBytes / bytes).toFixed(2)],
  ];
}
