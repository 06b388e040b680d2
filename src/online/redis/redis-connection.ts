// One connection to one Redis server: opened by its first use, opened again for ever with growing pauses when it is lost.
//
//   idle ─▶ connecting ─▶ up ─▶ down ─▶ up …        closed from anywhere
//
// While it is first opened, calls wait; while it is known to be down they fail at once, so that nothing piles up. Knows
// nothing of rows. What spreads keys over several servers (Cluster) would keep one of these for each.
import { Redis } from 'ioredis';
import { PlumbError } from '../../../schemas/errors.ts';
import { BatchSender, type Reply } from './command-batch.ts';
import type { RedisAddress } from './redis-address.ts';
import { isNoScript, redisFailure } from './redis-failure.ts';
import type { Commands } from './resp-writer.ts';

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  readonly connectTimeoutMillis: number;
  readonly commandTimeoutMillis: number;
  readonly maxPendingCommands: number;
  /** Asked on each new connection before anybody else may use it. Where it rejects, so does every call. */
  readonly admit: (send: Send) => Promise<void>;
  readonly logger: ConnectionLogger;
}

/** Each change of the connection, once. */
export interface ConnectionLogger {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export type Send = (commands: Commands) => Promise<Reply[]>;

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly settled: PromiseWithResolvers<void> }
  | { readonly kind: 'up'; readonly incarnation: string }
  | { readonly kind: 'down'; readonly error: PlumbError }
  | { readonly kind: 'closed' };

const FIRST_PAUSE_MILLIS = 50;
const LONGEST_PAUSE_MILLIS = 2_000;
/** ioredis, of commands that were in flight when the connection ended, and of those that came just after. */
const LOST = /^Reached the max retries|^Stream isn't writeable|^Connection is closed/;

export class RedisConnection implements AsyncDisposable {
  readonly #options: RedisConnectionOptions;
  readonly #redis: Redis;
  readonly #sender: BatchSender;
  #state: State = { kind: 'idle' };
  /** What ioredis complained of since the last attempt to connect. */
  #complaint: Error | null = null;
  #pendingCommands = 0;
  #waitingCalls = 0;
  #connections = 0;
  readonly #changes = new Set<() => void>();

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#redis = createClient(options);
    this.#sender = new BatchSender(this.#redis, {
      // A connection without any answer is cut (`socketTimeout`); this is for one that answers others, but not us in time.
      timeoutMillis: options.commandTimeoutMillis,
      failureOf: (reason) => this.#failureOrScript(reason),
    });
    this.#redis.on('error', (error: Error) => {
      this.#complaint = error;
    });
    this.#redis.on('connecting', () => {
      this.#complaint = null;
    });
    this.#redis.on('ready', () => void this.#greet());
    this.#redis.on('close', () => this.#goDown(this.#lost()));
  }

  get address(): RedisAddress {
    return this.#options.address;
  }

  /**
   * One reply per command, in order. Rejects with STORE_UNAVAILABLE at once while the server is known to be away or too
   * many commands are in flight, and within the timeout where it does not answer.
   * `incarnation`: of the server that must answer, else STORE_UNAVAILABLE.
   */
  send(commands: Commands, incarnation: string | null = null): Promise<Reply[]> {
    if (this.#state.kind !== 'up') return this.#firstUp().then(() => this.send(commands, incarnation));
    if (incarnation !== null && this.#state.incarnation !== incarnation)
      return Promise.reject(this.#failure(new Error('it restarted meanwhile')));
    if (this.#pendingCommands > 0 && this.#pendingCommands + commands.count > this.#options.maxPendingCommands)
      return Promise.reject(this.#busy());
    return this.#sendNow(commands);
  }

  /**
   * Which server answers: changes when the process on the other side does, which may have lost what it was told before.
   * Rejects while there is none.
   */
  async incarnation(): Promise<string> {
    if (this.#state.kind !== 'up') await this.#firstUp();
    if (this.#state.kind === 'up') return this.#state.incarnation;
    throw this.#failure(this.#lost());
  }

  /** Resolves as soon as the server answers again, and after `millis` at the latest. */
  async untilUp(millis: number): Promise<void> {
    if (this.#state.kind === 'up') return;
    const changed = Promise.withResolvers<void>();
    const onChange = (): void => {
      if (this.#state.kind === 'up' || this.#state.kind === 'closed') changed.resolve();
    };
    const timer = setTimeout(changed.resolve, millis);
    this.#changes.add(onChange);
    await changed.promise;
    this.#changes.delete(onChange);
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#enter({ kind: 'closed' });
    this.#redis.disconnect();
  }

  #sendNow(commands: Commands): Promise<Reply[]> {
    this.#pendingCommands += commands.count;
    return this.#sender.send(commands, () => {
      this.#pendingCommands -= commands.count;
    });
  }

  /** Whoever sent a script has to send it again in full; anything else is a failure. */
  #failureOrScript(error: Error): Error {
    if (isNoScript(error)) return error;
    return this.#failure(LOST.test(error.message) ? this.#lost() : error);
  }

  #lost(): Error {
    return this.#complaint ?? new Error('the connection was lost');
  }

  async #firstUp(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'up') return;
    if (state.kind === 'down') throw state.error;
    if (state.kind === 'closed') throw this.#failure(new Error('the store was closed'));
    if (this.#waitingCalls >= this.#options.maxPendingCommands) throw this.#busy();
    const settled = state.kind === 'connecting' ? state.settled : this.#connect();
    this.#waitingCalls += 1;
    await settled.promise.finally(() => {
      this.#waitingCalls -= 1;
    });
  }

  #connect(): PromiseWithResolvers<void> {
    const settled = Promise.withResolvers<void>();
    settled.promise.catch(() => undefined);
    this.#enter({ kind: 'connecting', settled });
    this.#redis.connect().catch(() => undefined);
    const { connectTimeoutMillis } = this.#options;
    const timer = setTimeout(() => {
      if (this.#state.kind === 'connecting') this.#goDown(new Error(`no connection within ${connectTimeoutMillis} ms`));
    }, connectTimeoutMillis);
    settled.promise.finally(() => clearTimeout(timer)).catch(() => undefined);
    return settled;
  }

  /** A new connection is there: who is it, and are its keys ours? */
  async #greet(): Promise<void> {
    this.#connections += 1;
    const connection = this.#connections;
    try {
      // ioredis goes on in database 0 where the one asked for could not be selected.
      if (this.#complaint !== null) throw this.#complaint;
      await this.#options.admit((commands) => this.#sendNow(commands));
      const incarnation = await this.#runId(connection);
      if (connection === this.#connections && this.#redis.status === 'ready') this.#goUp(incarnation);
    } catch (error) {
      this.#goDown(error);
      // What is refused for now may be allowed later: ask again, with the pauses of a lost connection.
      if (this.#redis.status === 'ready') this.#redis.disconnect(true);
    }
  }

  /** Redis' own name for its process; where INFO is not allowed, every connection counts as another server. */
  async #runId(connection: number): Promise<string> {
    const info = await this.#redis.info('server').catch(() => '');
    return /^run_id:(\w+)/m.exec(info)?.[1] ?? `connection ${connection}`;
  }

  #goUp(incarnation: string): void {
    const before = this.#state;
    if (before.kind === 'closed') return;
    this.#enter({ kind: 'up', incarnation });
    if (before.kind === 'connecting') before.settled.resolve();
    if (before.kind === 'down')
      this.#options.logger.info({ store: this.address.text }, 'the online store answers again');
  }

  #goDown(reason: unknown): void {
    const before = this.#state;
    if (before.kind === 'closed') return;
    const error = this.#failure(reason);
    // A first reason, such as a refused password, says more than the lost connection that follows it.
    if (before.kind === 'down' && this.#complaint === null) return;
    this.#enter({ kind: 'down', error });
    if (before.kind === 'connecting') before.settled.reject(error);
    if (before.kind === 'up') this.#options.logger.warn({ store: this.address.text }, error.message);
    if (before.kind === 'connecting') this.#options.logger.info({ store: this.address.text }, error.message);
  }

  #enter(state: State): void {
    this.#state = state;
    for (const onChange of this.#changes) onChange();
  }

  #failure(error: unknown): PlumbError {
    return redisFailure(error, this.address);
  }

  #busy(): PlumbError {
    const { address, maxPendingCommands } = this.#options;
    const message = `The online store, Redis at ${address.text}, is busy: ${maxPendingCommands} commands are in flight (online.maxPendingCommands)`;
    return new PlumbError('STORE_UNAVAILABLE', message, { details: { store: address.text } });
  }
}

function createClient({ address, connectTimeoutMillis, commandTimeoutMillis }: RedisConnectionOptions): Redis {
  const { host, port, database, username, password, tls } = address;
  return new Redis({
    host,
    port,
    db: database,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: { servername: host } } : {}),
    lazyConnect: true,
    connectTimeout: connectTimeoutMillis,
    // Counted from the last byte that came while an answer is awaited: a server that stands still is cut off.
    socketTimeout: commandTimeoutMillis,
    // Nothing waits in the driver, and nothing is sent twice behind our back.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // `admit` finds out by itself, and says why: still loading, no password, another layout.
    enableReadyCheck: false,
    retryStrategy: pauseMillis,
    // Maps as flat arrays, nulls as nulls: all we need, and what every proxy speaks.
    protocol: 2,
    disableClientInfo: true,
  });
}

/** Doubles up to a limit; the random half keeps many servers from coming back in step. */
function pauseMillis(attempt: number): number {
  const pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** Math.min(attempt - 1, 10));
  return pause / 2 + (Math.random() * pause) / 2;
}
