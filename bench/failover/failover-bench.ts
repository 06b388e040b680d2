// A master is killed under a steady stream of lookups: how long until the next good answer, and how many lookups failed.
//   server     it is started again at once, with its data
//   sentinel   its replica takes over; a silent server counts as down after a second
//   cluster    likewise, one of three masters: what it has is a third of what is asked for
import type { OnlineStore } from '../../src/online/online-store.ts';
import { UNREACHABLE } from '../../src/online/online-store.ts';
import { RedisOnlineStore, type RedisOnlineStoreOptions } from '../../src/online/redis/redis-online-store.ts';
import { RedisServer } from '../../test/servers/redis.ts';
import { RedisCluster } from '../../test/servers/redis-cluster.ts';
import { MASTER_NAME, RedisSentinels } from '../../test/servers/redis-sentinel.ts';
import type { Options } from '../options.ts';
import { type Bench, middle, say } from '../results.ts';

const SETUPS = ['server', 'sentinel', 'cluster'] as const;
type Setup = (typeof SETUPS)[number];

interface FailoverRun {
  /** From the kill to the first answer with every row that comes after a failure. */
  readonly firstGoodMillis: number;
  /** Lookups asked between the kill and that answer. */
  readonly asked: number;
  readonly failed: number;
  /** Answered in part. */
  readonly partial: number;
  readonly slowestMillis: number;
}

interface Deployment extends AsyncDisposable {
  readonly place: Partial<RedisOnlineStoreOptions>;
  kill(): Promise<void>;
}

const SILENT = { info: () => {}, warn: () => {} };
const VIEW = 'v';
const FIELD = 'v@1';
const KEYS = Array.from({ length: 100 }, (_value, index) => Buffer.from(`key${index}`));
const EVERY_MILLIS = 5;
const MOST_MILLIS = 60_000;
const DOWN_AFTER_MILLIS = 1_000;

export async function failoverBench({ runs, quick }: Options): Promise<Bench> {
  const raw: { setup: Setup; partial: boolean; runs: FailoverRun[] }[] = [];
  // Clusters take their time to start.
  for (const setup of quick ? (['server'] as const) : SETUPS)
    for (const partial of [false, true]) raw.push({ setup, partial, runs: [] });
  for (let round = 0; round < (quick ? 1 : Math.max(3, runs)); round += 1) {
    for (const one of round % 2 === 0 ? raw : raw.toReversed()) {
      const run = await measure(one.setup, one.partial);
      one.runs.push(run);
      say(`${one.setup}${one.partial ? ', partial' : ''}: ${JSON.stringify(run)}`);
    }
  }
  const rows = raw.map((one) => {
    const of = (pick: (run: FailoverRun) => number): string => String(Math.round(middle(one.runs.map(pick))));
    return [
      `${one.setup}${one.partial ? ', partial' : ''}`,
      of((run) => run.firstGoodMillis),
      of((run) => run.asked),
      of((run) => run.failed),
      of((run) => run.partial),
      of((run) => run.slowestMillis),
    ];
  });
  return {
    name: 'failover',
    table: [['', 'first whole answer, ms', 'lookups until then', 'failed', 'in part', 'slowest, ms'], ...rows],
    raw,
  };
}

async function measure(setup: Setup, partial: boolean): Promise<FailoverRun> {
  await using deployment = await DEPLOY[setup]();
  await using store = new RedisOnlineStore({
    ...deployment.place,
    project: 'bench',
    connectTimeoutMillis: 5_000,
    commandTimeoutMillis: 1_000,
    maxPendingCommands: 10_000,
    breaker: { failures: 5, openMillis: 1_000 },
    logger: SILENT,
  });
  await store.writeState(VIEW, null, Buffer.from('claim'));
  await store.writeRows(
    FIELD,
    1n,
    KEYS.map((entity) => ({ entity, row: Buffer.alloc(300) })),
  );
  await store.writeState(VIEW, Buffer.from('claim'), Buffer.from('live'));
  await lookup(store, partial);
  return await underTraffic(store, partial, () => deployment.kill());
}

type Outcome = 'whole' | 'partial' | 'failed';

async function lookup(store: RedisOnlineStore, partial: boolean): Promise<Outcome> {
  const selection = [{ entities: KEYS, fields: [FIELD] }];
  const read = (whole: OnlineStore) => whole.read(selection, [VIEW]);
  try {
    const { rows } = await (partial ? store.readPartially(selection, [VIEW]) : read(store));
    return rows[0]?.some(([row]) => row === UNREACHABLE) ? 'partial' : 'whole';
  } catch {
    return 'failed';
  }
}

/** One lookup every few milliseconds, whether the one before was answered or not. */
async function underTraffic(
  store: RedisOnlineStore,
  partial: boolean,
  kill: () => Promise<void>,
): Promise<FailoverRun> {
  const counts = { whole: 0, partial: 0, failed: 0 };
  let slowestMillis = 0;
  const start = performance.now();
  const killed = kill();
  return await new Promise<FailoverRun>((resolve, reject) => {
    const timer = setInterval(async () => {
      const asked = performance.now();
      const outcome = await lookup(store, partial);
      const now = performance.now();
      counts[outcome] += 1;
      slowestMillis = Math.max(slowestMillis, now - asked);
      const isBack = outcome === 'whole' && counts.failed + counts.partial > 0;
      if (!isBack && now - start < MOST_MILLIS) return;
      clearInterval(timer);
      if (!isBack) reject(new Error('no good answer within a minute'));
      const run = {
        firstGoodMillis: Math.round(now - start),
        asked: counts.whole + counts.partial + counts.failed,
        failed: counts.failed,
        partial: counts.partial,
        slowestMillis: Math.round(slowestMillis),
      };
      killed.then(() => resolve(run), reject);
    }, EVERY_MILLIS);
  });
}

const DEPLOY: Readonly<Record<Setup, () => Promise<Deployment>>> = {
  server: async () => {
    const server = await RedisServer.start({ persistent: true });
    return {
      place: { url: server.url },
      kill: async () => {
        await server.kill();
        await server.start();
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
  sentinel: async () => {
    const all = await RedisSentinels.start({ downAfterMillis: DOWN_AFTER_MILLIS });
    return {
      place: { urls: all.urls, sentinel: { master: MASTER_NAME } },
      kill: async () => (await all.master()).kill(),
      [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
    };
  },
  cluster: async () => {
    const cluster = await RedisCluster.start({ nodeTimeoutMillis: DOWN_AFTER_MILLIS });
    return {
      place: { urls: cluster.urls },
      kill: async () => cluster.nodes[0]?.kill(),
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  },
};
