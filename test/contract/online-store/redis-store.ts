// A store on a server that a test has started.
import { RedisOnlineStore, type RedisOnlineStoreOptions } from '../../../src/online/redis/redis-online-store.ts';

export const QUIET = { info: (): void => {}, warn: (): void => {} };

let projects = 0;
/** A name that no other store of this process has. */
export const newProject = (): string => {
  projects += 1;
  return `demo${process.pid}-${projects}`;
};

export const redisStore = (url: string, over: Partial<RedisOnlineStoreOptions> = {}): RedisOnlineStore =>
  redisStoreAt({ url, ...over });

/** `url` or `urls` is in `options`. */
export const redisStoreAt = (options: Partial<RedisOnlineStoreOptions>): RedisOnlineStore =>
  new RedisOnlineStore({
    project: newProject(),
    connectTimeoutMillis: 5_000,
    commandTimeoutMillis: 2_000,
    maxPendingCommands: 10_000,
    breaker: { failures: 5, openMillis: 1_000 },
    logger: QUIET,
    ...options,
  });
