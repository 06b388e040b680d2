// The driver as we want it: it connects, decodes and keeps the order of replies. Nothing waits in it, and it sends nothing
// twice behind our back.
import { Redis, type RedisOptions, SentinelConnector } from 'ioredis';
import type { RedisTarget } from './redis-address.ts';
import { tlsFor } from './redis-tls.ts';

interface ClientOptions {
  readonly target: RedisTarget;
  readonly connectTimeoutMillis: number;
  readonly commandTimeoutMillis: number;
}

/** How replies are shaped is left as it is: the constructor's type wants to know it at compile time. */
type ClientSettings = Omit<RedisOptions, 'replyMapping'>;

export function createClient({ target, connectTimeoutMillis, commandTimeoutMillis }: ClientOptions): Redis {
  const options: ClientSettings = {
    ...(target.sentinel === null ? serverOptions(target) : sentinelOptions(target, commandTimeoutMillis)),
    lazyConnect: true,
    connectTimeout: connectTimeoutMillis,
    // Counted from the last byte that came while an answer is awaited: a server that stands still is cut off.
    socketTimeout: commandTimeoutMillis,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Whoever greets a new connection finds out by itself, and says why: still loading, no password, another layout.
    enableReadyCheck: false,
    retryStrategy: pauseMillis,
    // Maps as flat arrays, nulls as nulls: all we need, and what every proxy speaks.
    protocol: 2,
    disableClientInfo: true,
  };
  return new Redis(options);
}

const serverOptions = ({ address: { host, port }, tls }: RedisTarget): ClientSettings => ({
  host,
  port,
  ...(tls === null ? {} : { tls: tlsFor(tls, host) }),
});

/** Follows the master: asks a Sentinel at each connection, and listens to them for the news of another one. */
function sentinelOptions({ sentinel, tls }: RedisTarget, commandTimeoutMillis: number): ClientSettings {
  const { master, servers, username, password } = sentinel as NonNullable<RedisTarget['sentinel']>;
  return {
    Connector: QuietSentinelConnector,
    name: master,
    role: 'master',
    sentinels: servers.map((server) => ({ ...server })),
    ...(username === null ? {} : { sentinelUsername: username }),
    ...(password === null ? {} : { sentinelPassword: password }),
    ...(tls === null ? {} : { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: pauseMillis,
    sentinelReconnectStrategy: pauseMillis,
    sentinelCommandTimeout: commandTimeoutMillis,
    failoverDetector: true,
  };
}

type SentinelClient = (...args: readonly unknown[]) => Redis;

/** ioredis leaves the errors of the connections on which it listens to Sentinels to stderr. It opens them again anyway. */
class QuietSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    const connect = Reflect.get(this, 'connectToSentinel') as SentinelClient;
    const quietly: SentinelClient = (...args) => connect.apply(this, args as unknown[]).on('error', () => {});
    Reflect.set(this, 'connectToSentinel', quietly);
  }
}

const FIRST_PAUSE_MILLIS = 50;
const LONGEST_PAUSE_MILLIS = 2_000;

/** Doubles up to a limit; the random half keeps many servers from coming back in step. */
export function pauseMillis(attempt: number): number {
  const pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** Math.min(attempt - 1, 10));
  return pause / 2 + (Math.random() * pause) / 2;
}
