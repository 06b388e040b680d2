// Where a history's online rows live, with what can be done to it: one entry of ONLINE per kind.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LmdbOnlineStore } from '../../src/online/lmdb/lmdb-online-store.ts';
import type { OnlineStore } from '../../src/online/online-store.ts';
import { RedisOnlineStore } from '../../src/online/redis/redis-online-store.ts';
import { QUIET } from '../contract/online-store/redis-store.ts';
import { RedisServer } from '../servers/redis.ts';
import { type ProxyFault, TcpProxy } from '../servers/tcp-proxy.ts';
import type { OnlineKind } from './history.ts';
import { PROJECT, STORAGE_FOLDER } from './project-file.ts';
import type { ProjectServer } from './project-server.ts';

export interface HistoryOnline extends AsyncDisposable {
  /** `online` of the project file. */
  readonly section: object;
  disturb(fault: ProxyFault): void;
  heal(): void;
  /** Down for so long, then back with its data or without. */
  restart(empty: boolean, downMillis: number): Promise<void>;
  /** It loses its data and runs on. */
  flush(): Promise<void>;
  /** For the checker: as the product reads it, past whatever disturbs it. */
  open(): Promise<OnlineStore>;
}

/** Shorter than users would have them: a history lasts seconds. */
export const COMMAND_TIMEOUT_MILLIS = 1200;
const TIMEOUTS = {
  connectTimeoutMillis: 1500,
  commandTimeoutMillis: COMMAND_TIMEOUT_MILLIS,
  breaker: { failures: 5, openMillis: 200 },
};

export const ONLINE: Readonly<Record<OnlineKind, (folder: string, server: ProjectServer) => Promise<HistoryOnline>>> = {
  lmdb: async (folder, server) => {
    const path = join(folder, STORAGE_FOLDER, 'online');
    return {
      section: { kind: 'lmdb' },
      disturb: () => undefined,
      heal: () => undefined,
      // A server that has the folder open would go on with what was removed.
      restart: async (empty) => {
        await server.kill();
        if (empty) await rm(path, { recursive: true, force: true });
        await server.start();
      },
      flush: () => Promise.reject(new Error('nobody empties an LMDB folder that is open')),
      open: () => LmdbOnlineStore.open(path, PROJECT),
      [Symbol.asyncDispose]: async () => undefined,
    };
  },

  redis: async () => {
    const redis = await RedisServer.start({ persistent: true });
    const proxy = await TcpProxy.start(redis.port);
    return {
      section: { kind: 'redis', url: `redis://127.0.0.1:${proxy.port}`, ...TIMEOUTS },
      disturb: (fault) => proxy.set(fault),
      heal: () => proxy.heal(),
      restart: async (empty, downMillis) => {
        proxy.set({ kind: 'reset' });
        await redis.kill();
        await sleep(downMillis);
        await redis.start();
        if (empty) await redis.command('FLUSHALL');
        proxy.heal();
      },
      flush: async () => void (await redis.command('FLUSHALL')),
      open: async () =>
        new RedisOnlineStore({
          url: redis.url,
          project: PROJECT,
          ...TIMEOUTS,
          maxPendingCommands: 10_000,
          logger: QUIET,
        }),
      [Symbol.asyncDispose]: async () => {
        await proxy[Symbol.asyncDispose]();
        await redis[Symbol.asyncDispose]();
      },
    };
  },
};
