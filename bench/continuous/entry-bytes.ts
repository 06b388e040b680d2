// Bytes of an entry of 108 features: in the store with all that the store adds, beside a Redis sorted set of the same events
// for each key, which is what a service that computes windows by itself would keep; and as encoded, beside its numbers alone.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { RedisServer } from '../../test/servers/redis.ts';
import { openDuckdb, text } from '../duckdb.ts';
import type { Options } from '../options.ts';
import { say, thousands } from '../results.ts';
import { type ContinuousProject, continuousProject, EVENTS_PER_KEY, eventsOf } from './continuous-project.ts';
import { type Events, UNTIL } from './events.ts';
import type { Figure, Part } from './figure.ts';
import { WIDE } from './views.ts';

interface EntryBytes extends Events {
  /** A key, in the store of the run. */
  readonly stored: number;
  readonly encoded: number;
  readonly sortedSet: number;
}

/** An instant and three inputs. */
const NUMBERS_BYTES = 4 * 8;

export async function entryBytes(options: Options): Promise<Part> {
  const raw: EntryBytes[] = [];
  for (const eventsPerKey of EVENTS_PER_KEY) {
    const measured = await measureBytes(options, eventsOf(options, eventsPerKey));
    raw.push(measured);
    const { stored, encoded, sortedSet } = measured;
    say(
      `${eventsPerKey} events a key: ${thousands(stored)} bytes in ${options.store}, ${thousands(encoded)} encoded, ${thousands(sortedSet)} as a sorted set`,
    );
  }
  return { figures: raw.flatMap((one) => figuresOf(options, one)), raw };
}

function figuresOf({ store }: Options, { eventsPerKey, stored, encoded, sortedSet }: EntryBytes): readonly Figure[] {
  const measure = `entry of 108 features, ${eventsPerKey} events`;
  const numbers = eventsPerKey * NUMBERS_BYTES;
  return [
    { measure, unit: `bytes in ${store}`, own: stored, against: 'Redis sorted set', other: sortedSet, aim: '' },
    { measure, unit: 'bytes encoded', own: encoded, against: 'numbers of its events', other: numbers, aim: '' },
  ];
}

async function measureBytes(options: Options, events: Events): Promise<EntryBytes> {
  await using filled = await continuousProject(options, events, [WIDE]);
  const before = await storedBytes(filled);
  await filled.project.plumbOk('materialize', '--until', UNTIL);
  const stored = ((await storedBytes(filled)) - before) / events.keys;
  const encoded = await encodedBytes(filled);
  return { ...events, stored, encoded, sortedSet: await sortedSetBytes(filled.path, events) };
}

async function storedBytes({ project, redis }: ContinuousProject): Promise<number> {
  if (redis === null) return await folderBytes(join(project.folder, '.plumb', 'online'));
  await using client = openClient(redis);
  return await usedMemory(client.redis);
}

/** Of files that are there. */
async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function encodedBytes({ project }: ContinuousProject): Promise<number> {
  using duckdb = await openDuckdb();
  const parts = join(project.folder, '.plumb', 'views', WIDE, '**', '*.parquet');
  const [row] = await duckdb.rows(`SELECT avg(octet_length(__entry)) AS bytes FROM read_parquet(${text(parts)})`);
  return Number(row?.bytes);
}

/** Keys per pipeline. */
const BATCH = 100;

/** Of one key, in a server with the settings it has by default: the time is the score, the other values the member. */
async function sortedSetBytes(path: string, { keys }: Events): Promise<number> {
  await using server = await RedisServer.start();
  await using client = openClient(server);
  using duckdb = await openDuckdb();
  const before = await usedMemory(client.redis);
  for (let from = 0; from < keys; from += BATCH) {
    const rows = await duckdb.rows(`
      SELECT user_id, flatten(list([CAST(epoch_us(ts) AS VARCHAR), concat_ws('|', amount, quantity, score)])) AS pairs
      FROM read_parquet(${text(path)}) WHERE user_id >= ${from} AND user_id < ${from + BATCH} GROUP BY user_id`);
    const pipeline = client.redis.pipeline();
    for (const { user_id, pairs } of rows) pipeline.zadd(`events:${user_id}`, ...(pairs as string[]));
    for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
  }
  return ((await usedMemory(client.redis)) - before) / keys;
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}

function openClient({ url }: RedisServer): { readonly redis: Redis } & AsyncDisposable {
  const redis = new Redis(url);
  return { redis, [Symbol.asyncDispose]: async () => void (await redis.quit()) };
}
