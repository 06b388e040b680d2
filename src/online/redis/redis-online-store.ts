// The online store in Redis, shared by any number of servers and materializers. Reads are one round trip and fail at once
// while Redis is away. Writes are idempotent and fenced, so they wait for a short while and are sent again; but never to
// a server that restarted in the middle of a run: what it was told before may be gone.
import type {
  FieldName,
  JudgeOf,
  OnlineStore,
  RowSelection,
  RowWrite,
  StoredData,
  StoreExamination,
  SweepStep,
} from '../online-store.ts';
import { examineRedis } from './examine-redis.ts';
import { refuseForeignLayout } from './layout-claim.ts';
import { redisAddress } from './redis-address.ts';
import { type ConnectionLogger, RedisConnection, type Send } from './redis-connection.ts';
import { dropField, listFields } from './redis-fields.ts';
import { type RedisKeys, redisKeys } from './redis-layout.ts';
import { RedisReader } from './redis-reader.ts';
import { sweep } from './redis-sweep.ts';
import { RedisWriter } from './redis-writer.ts';
import { RespWriter } from './resp-writer.ts';

export interface RedisOnlineStoreOptions {
  /** redis://[user:password@]host:6379[/database] or rediss:// */
  readonly url: string;
  readonly project: string;
  readonly connectTimeoutMillis: number;
  readonly commandTimeoutMillis: number;
  readonly maxPendingCommands: number;
  readonly logger: ConnectionLogger;
}

/** Commands of one call that are in flight together, at most. */
const STEP_COMMANDS = 1024;

export class RedisOnlineStore implements OnlineStore {
  readonly #keys: RedisKeys;
  readonly #connection: RedisConnection;
  readonly #reader: RedisReader;
  readonly #writer: RedisWriter;
  readonly #stepCommands: number;
  readonly #send: Send;

  /** Connects when it is first used. INVALID_CONFIG for an address that is none. */
  constructor({ url, project, ...options }: RedisOnlineStoreOptions) {
    const address = redisAddress(url);
    const keys = redisKeys(project);
    const admit = (send: Send): Promise<void> => refuseForeignLayout(send, keys, address.text);
    this.#keys = keys;
    this.#connection = new RedisConnection({ ...options, address, admit });
    this.#stepCommands = Math.min(STEP_COMMANDS, options.maxPendingCommands);
    this.#reader = new RedisReader(this.#connection, keys, this.#stepCommands);
    this.#writer = new RedisWriter(this.#connection, keys, this.#stepCommands);
    this.#send = (commands) => this.#connection.send(commands);
  }

  async ping(): Promise<void> {
    await this.#send(new RespWriter().command('PING', 0).finish());
  }

  async examine(): Promise<StoreExamination> {
    await this.ping();
    return examineRedis(this.#send, this.#connection.address.text);
  }

  read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    return this.#reader.read(selections, views);
  }

  writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    return this.#writer.writeRows(field, token, writes);
  }

  dropField(field: FieldName): Promise<void> {
    return dropField(this.#send, this.#keys, field, this.#stepCommands);
  }

  listFields(): Promise<readonly FieldName[]> {
    return listFields(this.#send, this.#keys);
  }

  sweep(judgeOf: JudgeOf, cursor: string | null, limit: number, isDry: boolean): Promise<SweepStep> {
    return sweep(this.#send, this.#keys, judgeOf, cursor, Math.min(limit, this.#stepCommands), isDry);
  }

  async listStates(): Promise<ReadonlyMap<string, Uint8Array>> {
    const [flat] = await this.#send(new RespWriter().command('HGETALL', 1).argument(this.#keys.states).finish());
    const items = flat as readonly Buffer[];
    const states = new Map<string, Uint8Array>();
    for (let index = 0; index < items.length; index += 2) {
      const name = String(items[index]);
      if (name.startsWith('s')) states.set(name.slice(1), items[index + 1] as Buffer);
    }
    return states;
  }

  writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    return this.#writer.writeState(view, expected, next);
  }

  removeState(view: string, expected: Uint8Array): Promise<boolean> {
    return this.#writer.removeState(view, expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}
