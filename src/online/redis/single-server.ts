// One Redis that holds everything: a server by itself, or the master that Sentinels name. Replicas are not read: they may
// be behind, and a state that is older than a row makes a wrong answer.
import type { FieldName, RowSelection, RowWrite, StoreExamination, StoreNodeHealth } from '../online-store.ts';
import type { StreamStore } from '../stream-store.ts';
import type { Reply } from './command-batch.ts';
import { type EntityPage, entityPage } from './entity-pages.ts';
import { examinationOf, readInfo } from './examine-redis.ts';
import { refuseForeignLayout } from './layout-claim.ts';
import type { RedisTarget } from './redis-address.ts';
import type { CommandsOfKeys, RedisBackend, RedisBackendOptions } from './redis-backend.ts';
import { RedisConnection, type Send } from './redis-connection.ts';
import { addRemoval, entityKeys } from './redis-fields.ts';
import type { RedisKeys } from './redis-layout.ts';
import { RedisReader } from './redis-reader.ts';
import { RedisStreamStore } from './redis-stream-store.ts';
import { RedisWriter } from './redis-writer.ts';
import { replicaWait } from './replica-wait.ts';
import { RespWriter } from './resp-writer.ts';
import { CHUNK_KEYS } from './row-commands.ts';

/** Commands of one call that are in flight together, at most. */
const STEP_COMMANDS = 1024;

export class SingleServer implements RedisBackend {
  readonly #keys: RedisKeys;
  readonly #connection: RedisConnection;
  readonly #reader: RedisReader;
  readonly #writer: RedisWriter;
  readonly #streams: RedisStreamStore;
  readonly #stepCommands: number;
  readonly #send: Send;

  constructor(target: RedisTarget, { keys, waitReplicas, ...options }: RedisBackendOptions) {
    const admit = (send: Send): Promise<void> => refuseForeignLayout(send, keys, target.address.text);
    // A state is never newer than a row of the same server, so a fail-over alone leaves no gap, and waiting is a choice.
    const wait =
      waitReplicas === null || waitReplicas === 0 ? null : replicaWait(waitReplicas, options.commandTimeoutMillis);
    this.#keys = keys;
    this.#connection = new RedisConnection({ ...options, target, admit });
    this.#stepCommands = Math.min(STEP_COMMANDS, options.maxPendingCommands);
    this.#reader = new RedisReader(this.#connection, keys, this.#stepCommands);
    this.#writer = new RedisWriter(this.#connection, keys, this.#stepCommands, wait);
    this.#streams = new RedisStreamStore(this.#connection, keys, this.#stepCommands);
    this.#send = (commands) => this.#connection.send(commands);
  }

  async ping(): Promise<void> {
    await this.#send(new RespWriter().command('PING', 0).finish());
  }

  async examine(): Promise<StoreExamination> {
    await this.ping();
    return examinationOf([{ where: this.#connection.address.text, info: await readInfo(this.#send) }]);
  }

  read(selections: readonly RowSelection[], views: readonly string[]) {
    return this.#reader.read(selections, views);
  }

  readPartially(selections: readonly RowSelection[], views: readonly string[]) {
    return this.#reader.readPartially(selections, views);
  }

  writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]) {
    return this.#writer.writeRows(field, token, writes);
  }

  writeState(view: string, expected: Uint8Array | null, next: Uint8Array) {
    return this.#writer.writeState(view, expected, next);
  }

  removeState(view: string, expected: Uint8Array) {
    return this.#writer.removeState(view, expected);
  }

  streams(): StreamStore {
    return this.#streams;
  }

  sendTo(): Send {
    return this.#send;
  }

  async removeRows(field: Buffer): Promise<boolean> {
    for await (const found of entityKeys(this.#send, this.#keys)) {
      for (let from = 0; from < found.length; from += this.#stepCommands) {
        const out = new RespWriter(found.length * 96);
        for (const key of found.slice(from, from + this.#stepCommands)) addRemoval(out, key, field);
        await this.#send(out.finish());
      }
    }
    return true;
  }

  entityPage(cursor: string | null, count: number): Promise<EntityPage> {
    return entityPage(this.#send, this.#keys, cursor, count);
  }

  get keysPerCommand(): number {
    return CHUNK_KEYS;
  }

  async sendAll({ groups, sizeBytes, add }: CommandsOfKeys): Promise<readonly Reply[]> {
    const replies: Reply[] = [];
    for (let from = 0; from < groups.length; from += this.#stepCommands) {
      const until = Math.min(from + this.#stepCommands, groups.length);
      const out = new RespWriter((until - from) * sizeBytes);
      for (let group = from; group < until; group += 1) add(out, group);
      replies.push(...(await this.#send(out.finish())));
    }
    return replies;
  }

  health(): readonly StoreNodeHealth[] {
    return [this.#connection.health];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}
