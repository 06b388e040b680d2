// biome-ignore-all lint/style/noExcessiveLinesPerFile: one state machine of one connection; Redis' transports are frozen.
// One connection to one Redis server: opened by its first use, opened again for ever with growing pauses when it is lost.
//
//   idle ─▶ connecting ─▶ up ─▶ down ─▶ up …        closed from anywhere
//
// While it is first opened, calls wait; while it is known to be down they fail at once, so that nothing piles up, and so
// they do while the circuit breaker is open: a server that takes connections and does not answer is left alone. Knows
// nothing of rows. What spreads keys over several servers (cluster/) keeps one of these for each.
import type { Redis } from 'ioredis';
import { PlumbError } from '../../../schemas/errors.ts';
import type { StoreNodeHealth } from '../online-store.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { type BatchMode, BatchSender, type Reply } from './command-batch.ts';
import type { RedisAddress, RedisTarget } from './redis-address.ts';
import { createClient, pauseMillis } from './redis-client.ts';
import { isNoScript, needsNoPassword, redisFailure } from './redis-failure.ts';
import { type Commands, RespWriter } from './resp-writer.ts';
import { askIdentity, identityOf, type ServerIdentity } from './server-identity.ts';

export interface RedisLimits {
  readonly connectTimeoutMillis: number;
  readonly commandTimeoutMillis: number;
  readonly maxPendingCommands: number;
  readonly breaker: { readonly failures: number; readonly openMillis: number };
}

export interface RedisConnectionOptions extends RedisLimits {
  readonly target: RedisTarget;
  /** Called on each new connection before anything else uses it. If it rejects, every call rejects. */
  readonly admit: (send: Send) => Promise<void>;
  readonly logger: ConnectionLogger;
}

/** Each change of the connection, once. */
export interface ConnectionLogger {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
}

export type Send = (commands: Commands) => Promise<Reply[]>;

/** A reply, or what the server answered in its place. */
export type ReplyOrRefusal = Reply | Error;

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly settled: PromiseWithResolvers<void> }
  | { readonly kind: 'up'; readonly incarnation: string }
  | { readonly kind: 'down'; readonly error: PlumbError }
  | { readonly kind: 'closed' };

/** ioredis, of commands that were in flight when the connection ended, and of those that came just after. */
const LOST = /^Reached the max retries|^Stream isn't writeable|^Connection is closed/;
const NO_SENTINEL = /^All sentinels are unreachable/;

export class RedisConnection implements AsyncDisposable {
  readonly #options: RedisConnectionOptions;
  readonly #redis: Redis;
  readonly #sender: BatchSender;
  readonly #breaker: CircuitBreaker;
  #state: State = { kind: 'idle' };
  /** What ioredis complained of since the last attempt to connect. */
  #complaint: Error | null = null;
  #pendingCommands = 0;
  #waitingCalls = 0;
  #connections = 0;
  #starts = 0;
  #restart: NodeJS.Timeout | undefined;
  readonly #changes = new Set<() => void>();

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#breaker = new CircuitBreaker({
      ...options.breaker,
      now: () => performance.now(),
      random: () => Math.random(),
    });
    this.#redis = createClient(options);
    this.#sender = new BatchSender(this.#redis, {
      // A connection without any answer is cut (`socketTimeout`); this is for one that answers others, but not us in time.
      timeoutMillis: options.commandTimeoutMillis,
      onTimeout: () => this.#breaker.failed(),
      failureOf: (reason) => this.#failureOrScript(reason),
    });
    this.#listen();
  }

  #listen(): void {
    this.#redis.on('error', (error: Error) => {
      this.#complaint = error;
      // ioredis goes on asking the Sentinels, and does not call that a lost connection.
      if (NO_SENTINEL.test(error.message)) this.#goDown(error);
    });
    this.#redis.on('connecting', () => {
      this.#complaint = null;
    });
    this.#redis.on('ready', () => void this.#greet());
    this.#redis.on('close', () => this.#goDown(this.#lost()));
    this.#redis.on('end', () => this.#startAgain());
  }

  /** ioredis gives up where news of a fail-over reaches it while it asks a Sentinel for the master. */
  #startAgain(): void {
    if (this.#state.kind === 'closed') return;
    this.#goDown(this.#lost());
    this.#starts += 1;
    this.#restart = setTimeout(() => this.#redis.connect().catch(() => undefined), pauseMillis(this.#starts));
  }

  get address(): RedisAddress {
    return this.#options.target.address;
  }

  /** null while it is not connected. */
  get knownIncarnation(): string | null {
    return this.#state.kind === 'up' ? this.#state.incarnation : null;
  }

  get health(): StoreNodeHealth {
    const isDown = this.#state.kind === 'down' || this.#state.kind === 'closed';
    return {
      isConnected: this.#state.kind === 'up',
      breaker: isDown ? 'open' : this.#breaker.state,
      breakerOpenings: this.#breaker.openings,
      pendingCommands: this.#pendingCommands,
    };
  }

  /**
   * One reply per command, in order. Rejects with STORE_UNAVAILABLE at once while the server is known to be away or too
   * many commands are in flight, and within the timeout where it does not answer.
   * `incarnation`: of the server that must answer, else STORE_UNAVAILABLE.
   */
  send(commands: Commands, incarnation: string | null = null): Promise<Reply[]> {
    if (this.#state.kind !== 'up') return this.#firstUp().then(() => this.send(commands, incarnation));
    if (incarnation !== null && this.#state.incarnation !== incarnation)
      return Promise.reject(redisFailure(new Error('it restarted meanwhile'), this.address, { replaced: true }));
    return this.#admitted(commands, 'all');
  }

  /** The same, but what the server refuses is told in the place of its reply. */
  sendEach(commands: Commands): Promise<ReplyOrRefusal[]> {
    if (this.#state.kind !== 'up') return this.#firstUp().then(() => this.sendEach(commands));
    return this.#admitted(commands, 'each');
  }

  /**
   * Which server answers: changes when what it was told before may be gone. Rejects while there is none.
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

  /** What the server, or the way to it, says → what a caller is told. */
  failure(error: unknown): PlumbError {
    return this.#failure(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const before = this.#state;
    this.#enter({ kind: 'closed' });
    if (before.kind === 'connecting') before.settled.reject(this.#closed());
    clearTimeout(this.#restart);
    this.#redis.disconnect();
  }

  #admitted(commands: Commands, mode: BatchMode): Promise<Reply[]> {
    if (this.#pendingCommands > 0 && this.#pendingCommands + commands.count > this.#options.maxPendingCommands)
      return Promise.reject(this.#busy());
    if (!this.#breaker.admits()) return Promise.reject(this.#broken());
    return this.#sendNow(commands, mode);
  }

  #sendNow(commands: Commands, mode: BatchMode): Promise<Reply[]> {
    this.#pendingCommands += commands.count;
    return this.#sender.send(
      commands,
      (isAnswered) => {
        this.#pendingCommands -= commands.count;
        // What a new connection is greeted with says less than a call that is answered: see `reconnected`.
        if (isAnswered && this.#state.kind === 'up') this.#breaker.succeeded();
      },
      mode,
    );
  }

  /** NOSCRIPT is returned as it is: the caller sends the script again in full. Anything else is a failure. */
  #failureOrScript(error: Error): Error {
    if (isNoScript(error)) return error;
    // The master that the Sentinels named has become a replica: they know the new one.
    if (this.#options.target.sentinel !== null && error.message.startsWith('READONLY')) this.#redis.disconnect(true);
    return this.#failure(LOST.test(error.message) ? this.#lost() : error);
  }

  #lost(): Error {
    return this.#complaint ?? new Error('the connection was lost');
  }

  async #firstUp(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'up') return;
    if (state.kind === 'down') throw state.error;
    if (state.kind === 'closed') throw this.#closed();
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
      if (this.#complaint !== null) throw this.#complaint;
      await this.#logIn();
      await this.#options.admit((commands) => this.#sendNow(commands, 'all'));
      const identity = await this.#whoAnswers();
      this.#requireMaster(identity);
      // Where INFO is not allowed, every connection counts as another server.
      const incarnation = identity?.incarnation ?? `connection ${connection}`;
      if (connection === this.#connections && this.#redis.status === 'ready') this.#goUp(incarnation);
    } catch (error) {
      this.#goDown(error);
      // What is refused for now may be allowed later: ask again, with the pauses of a lost connection.
      if (connection === this.#connections && this.#redis.status === 'ready') this.#redis.disconnect(true);
    }
  }

  /** By ourselves: ioredis warns on stderr, and goes on in database 0 where another one could not be selected. */
  async #logIn(): Promise<void> {
    const { username, password, database } = this.address;
    if (password !== null) {
      const auth = new RespWriter().command('auth', username === null ? 1 : 2);
      if (username !== null) auth.argument(username);
      const [refusal] = await this.#sendNow(auth.argument(password).finish(), 'each');
      if ((refusal as unknown) instanceof Error && !needsNoPassword(refusal)) throw refusal;
    }
    if (database === 0) return;
    const [refusal] = await this.#sendNow(
      new RespWriter().command('SELECT', 1).argument(String(database)).finish(),
      'each',
    );
    if ((refusal as unknown) instanceof Error) throw refusal;
  }

  async #whoAnswers(): Promise<ServerIdentity | null> {
    return identityOf(await this.#sendNow(askIdentity(), 'each'));
  }

  /** A Sentinel that has not heard of a fail-over yet names the old master, which may be a replica by now. */
  #requireMaster(identity: ServerIdentity | null): void {
    const { sentinel } = this.#options.target;
    if (sentinel !== null && identity?.role === 'slave')
      throw new Error(`the Sentinels name a replica as the master ${sentinel.master}`);
  }

  #goUp(incarnation: string): void {
    const before = this.#state;
    if (before.kind === 'closed') return;
    this.#breaker.reconnected();
    this.#starts = 0;
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
    if (before.kind === 'up') this.#breaker.failed();
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

  #closed(): PlumbError {
    return redisFailure(new Error('the store was closed'), this.address, { closed: true });
  }

  #broken(): PlumbError {
    const { retryAfterMillis } = this.#breaker;
    const reason = new Error('it failed again and again and is left alone for a moment');
    return redisFailure(reason, this.address, { retryAfterMillis });
  }

  #busy(): PlumbError {
    const { maxPendingCommands } = this.#options;
    const limit = `${maxPendingCommands} commands are in flight (online.maxPendingCommands)`;
    const message = `The online store, Redis at ${this.address.text}, is busy: ${limit}`;
    return new PlumbError('STORE_UNAVAILABLE', message, {
      details: { busy: true },
      privateDetails: { store: this.address.text },
      publicMessage: `The online store is busy: ${limit}`,
    });
  }
}
