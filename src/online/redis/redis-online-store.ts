// The online store in Redis, shared by any number of servers and materializers. Reads are one round trip and fail at once
// while Redis is away. Writes are idempotent and fenced, so they wait for a short while and are sent again; but never to
// a server that restarted in the middle of a run: what it was told before may be gone.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import type {
  FieldName,
  OnlineStore,
  RowSelection,
  RowWrite,
  SelectedRows,
  StoredData,
  StoreExamination,
} from '../online-store.ts';
import type { Reply } from './command-batch.ts';
import { examineRedis } from './examine-redis.ts';
import { redisAddress } from './redis-address.ts';
import { type ConnectionLogger, RedisConnection, type Send } from './redis-connection.ts';
import { isNoScript, isUnavailable } from './redis-failure.ts';
import * as layout from './redis-layout.ts';
import { WRITE_ROWS, WRITE_STATE } from './redis-scripts.ts';
import { type Commands, RespWriter } from './resp-writer.ts';
import {
  addReading,
  addWriting,
  chunksOf,
  EncodedNames,
  readingSizeBytes,
  rowsOfReplies,
  writingSizeBytes,
} from './row-commands.ts';
import { StateCache } from './state-cache.ts';

export interface RedisOnlineStoreOptions {
  /** redis://[user:password@]host:6379[/database] or rediss:// */
  readonly url: string;
  readonly project: string;
  readonly connectTimeoutMillis: number;
  readonly commandTimeoutMillis: number;
  readonly maxPendingCommands: number;
  readonly logger: ConnectionLogger;
}

/** Commands of one read that are in flight together; a larger read goes in steps, and others get their turn between. */
const STEP_COMMANDS = 1024;
/** Scripts that are sent together. Two such groups are in flight: one is packed while Redis works on the other. */
const GROUP_CHUNKS = 8;
const SCAN_KEYS = 1000;
/** How long a write goes on trying while Redis is away or busy. */
const PATIENCE_MILLIS = 5_000;
const PAUSE_MILLIS = 50;

export class RedisOnlineStore implements OnlineStore {
  readonly #keys: layout.RedisKeys;
  readonly #connection: RedisConnection;
  readonly #fieldIds = new EncodedNames(layout.fieldId);
  readonly #digestFields = new EncodedNames(layout.digestField);
  readonly #states = new StateCache();
  readonly #stepCommands: number;
  /** View → the server that took the rows which no state has named yet. */
  readonly #writtenTo = new Map<string, string>();

  /** Connects when it is first used. INVALID_CONFIG for an address that is none. */
  constructor({ url, project, ...options }: RedisOnlineStoreOptions) {
    this.#keys = layout.redisKeys(project);
    const admit = (send: Send): Promise<void> => this.#refuseForeignLayout(send);
    this.#connection = new RedisConnection({ ...options, address: redisAddress(url), admit });
    this.#stepCommands = Math.min(STEP_COMMANDS, options.maxPendingCommands);
  }

  async ping(): Promise<void> {
    await this.#connection.send(new RespWriter().command('PING', 0).finish());
  }

  async examine(): Promise<StoreExamination> {
    await this.ping();
    return examineRedis((commands) => this.#connection.send(commands), this.#connection.address.text);
  }

  async read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    const count = selections.reduce((sum, { entities }) => sum + entities.length, 1);
    const { rows, digests } =
      count <= this.#stepCommands
        ? await this.#readAtOnce(selections, views)
        : await this.#readInSteps(selections, views);
    return { rows, states: await this.#statesOf(views, digests) };
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    if (writes.length === 0) return { written: 0 };
    const groups = groupsOf(chunksOf(writes), Math.max(1, Math.min(GROUP_CHUNKS, this.#stepCommands >> 1)));
    let written = 0;
    let answered = 0;
    await this.#patiently(viewOf(field), async (send, server) => {
      await this.#register(send, field);
      this.#writtenTo.set(viewOf(field), server);
      const inFlight: Promise<Reply[]>[] = [];
      for (let next = answered; answered < groups.length; answered += 1) {
        for (; inFlight.length < 2 && next < groups.length; next += 1) {
          const group = groups[next] as RowWrite[][];
          inFlight.push(handled(send(this.#writing(field, token, group, next === groups.length - 1))));
        }
        const replies = (await inFlight.shift()) ?? [];
        written += sumOf(replies.slice(0, groups[answered]?.length));
      }
    });
    return { written };
  }

  /**
   * The registration goes first: a writer whose rows the scan may miss registers the field again behind its last row. What
   * is left to do after a crash stays listed.
   */
  async dropField(field: FieldName): Promise<void> {
    const { fields } = this.#keys;
    const id = layout.fieldId(field);
    const dropped = layout.droppedField(id);
    const known = new RespWriter().command('HMGET', 3).argument(fields).argument(id).argument(dropped);
    const [names] = (await this.#send(known)) as [Digests];
    if (!names.some((name) => isText(name, field))) return;
    const marking = new RespWriter().command('HSET', 3).argument(fields).argument(dropped).argument(field);
    await this.#send(marking.command('HDEL', 2).argument(fields).argument(id));
    await this.#removeRows(id);
    await this.#send(new RespWriter().command('HDEL', 2).argument(fields).argument(dropped));
  }

  async listFields(): Promise<readonly FieldName[]> {
    const [names] = await this.#send(new RespWriter().command('HVALS', 1).argument(this.#keys.fields));
    return [...new Set((names as readonly Buffer[]).map(String))];
  }

  async listStates(): Promise<ReadonlyMap<string, Uint8Array>> {
    const [flat] = await this.#connection.send(
      new RespWriter().command('HGETALL', 1).argument(this.#keys.states).finish(),
    );
    const items = flat as readonly Buffer[];
    const states = new Map<string, Uint8Array>();
    for (let index = 0; index < items.length; index += 2) {
      const name = String(items[index]);
      if (name.startsWith('s')) states.set(name.slice(1), items[index + 1] as Buffer);
    }
    return states;
  }

  async writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    const commands = new RespWriter(512 + 2 * next.length)
      .command('EVALSHA', 9)
      .argument(WRITE_STATE.sha)
      .argument('1')
      .argument(this.#keys.states)
      .argument(layout.stateField(view))
      .argument(layout.digestField(view))
      .argument(expected === null ? '0' : '1')
      .argument(expected ?? '')
      .argument(next)
      .argument(layout.digestOf(next))
      .finish();
    const isWritten = await this.#patiently(view, async (send, _server, isRepeated) => {
      await this.#claim(send);
      const [outcome] = await send(commands);
      // Sent before, and written though the answer was lost.
      return outcome === 1 || (isRepeated && outcome === 2);
    });
    if (isWritten) this.#writtenTo.delete(view);
    return isWritten;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  /** All in one write; states last, so that none is older than a row. */
  async #readAtOnce(selections: readonly RowSelection[], views: readonly string[]) {
    const { entityPrefix } = this.#keys;
    let sizeBytes = 64 + 48 * views.length;
    for (const selection of selections) sizeBytes += readingSizeBytes(entityPrefix, selection);
    const out = new RespWriter(sizeBytes);
    for (const selection of selections) addReading(out, entityPrefix, selection, this.#fieldIds);
    this.#addDigests(out, views);
    const replies = await this.#send(out);
    let from = 0;
    const rows = selections.map((selection) => {
      const selected = rowsOfReplies(selection, replies, from);
      from += selection.fields.length === 0 ? 0 : selection.entities.length;
      return selected;
    });
    return { rows, digests: (replies[from] ?? []) as Digests };
  }

  async #readInSteps(selections: readonly RowSelection[], views: readonly string[]) {
    const { entityPrefix } = this.#keys;
    const rows: SelectedRows[] = [];
    for (const { entities, fields } of selections) {
      const selected: SelectedRows[number][] = [];
      for (let from = 0; from < entities.length; from += this.#stepCommands) {
        const step = { entities: entities.slice(from, from + this.#stepCommands), fields };
        const out = new RespWriter(readingSizeBytes(entityPrefix, step));
        addReading(out, entityPrefix, step, this.#fieldIds);
        selected.push(...rowsOfReplies(step, await this.#send(out), 0));
      }
      rows.push(selected);
    }
    const out = new RespWriter();
    this.#addDigests(out, views);
    const [digests] = await this.#send(out);
    return { rows, digests: (digests ?? []) as Digests };
  }

  async #send(out: RespWriter): Promise<Reply[]> {
    const commands = out.finish();
    return commands.count === 0 ? [] : this.#connection.send(commands);
  }

  #addDigests(out: RespWriter, views: readonly string[]): void {
    if (views.length === 0) return;
    out.command('HMGET', views.length + 1).argument(this.#keys.states);
    for (const view of views) out.encoded(this.#digestFields.get(view));
  }

  async #statesOf(views: readonly string[], digests: Digests): Promise<(Uint8Array | null)[]> {
    const states = views.map((view, index) => {
      const digest = digests[index] ?? null;
      return digest === null ? null : this.#states.get(view, digest);
    });
    const unknown = views.filter((_view, index) => (digests[index] ?? null) !== null && states[index] === null);
    if (unknown.length === 0) return states;
    const fetched = await this.#fetchStates(unknown);
    return views.map((view, index) => states[index] ?? fetched.get(view) ?? null);
  }

  async #fetchStates(views: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const out = new RespWriter().command('HMGET', views.length + 1).argument(this.#keys.states);
    for (const view of views) out.argument(layout.stateField(view));
    const [found] = (await this.#send(out)) as [Digests];
    const states = new Map<string, Uint8Array>();
    for (const [index, view] of views.entries()) {
      const state = found[index] ?? null;
      if (state !== null) states.set(view, this.#states.put(view, state));
    }
    return states;
  }

  /** `isLast`: registers the field once more, in case another process dropped it while these rows were on their way. */
  #writing(field: FieldName, token: bigint, group: readonly RowWrite[][], isLast: boolean): Commands {
    const { entityPrefix } = this.#keys;
    const out = new RespWriter(group.reduce((sum, chunk) => sum + writingSizeBytes(entityPrefix, chunk), 256));
    for (const chunk of group) addWriting(out, entityPrefix, field, token, chunk);
    if (isLast) this.#addRegistration(out, field);
    return out.finish();
  }

  #addRegistration(out: RespWriter, field: FieldName): RespWriter {
    return out.command('HSETNX', 3).argument(this.#keys.fields).argument(layout.fieldId(field)).argument(field);
  }

  /** The field is listed before its first row is there. Refuses a field whose id is that of another one. */
  async #register(send: Send, field: FieldName): Promise<void> {
    await this.#claim(send);
    const out = this.#addRegistration(new RespWriter(), field);
    out.command('HGET', 2).argument(this.#keys.fields).argument(layout.fieldId(field));
    const [, registered] = await send(out.finish());
    if (isText(registered, field)) return;
    const message = `${field} and ${String(registered)} have the same id in Redis, which hardly ever happens: run \`plumb materialize --full\` for one of the two views`;
    throw new PlumbError('STORAGE_CORRUPT', message, { details: { fields: [field, String(registered)] } });
  }

  async #claim(send: Send): Promise<void> {
    const { meta } = this.#keys;
    await send(
      new RespWriter()
        .command('HSETNX', 3)
        .argument(meta)
        .argument(layout.FORMAT_FIELD)
        .argument(layout.FORMAT)
        .finish(),
    );
    await this.#refuseForeignLayout(send);
  }

  async #refuseForeignLayout(send: Send): Promise<void> {
    const { meta } = this.#keys;
    const [format] = await send(
      new RespWriter().command('HGET', 2).argument(meta).argument(layout.FORMAT_FIELD).finish(),
    );
    if (format === null || isText(format, layout.FORMAT)) return;
    const where = this.#connection.address.text;
    const message = `The online store in Redis at ${where} has format ${String(format)}, expected ${layout.FORMAT}: use the version of Plumb that wrote it, or another database`;
    throw new PlumbError('STORAGE_CORRUPT', message, { details: { store: where } });
  }

  async #removeRows(id: Buffer): Promise<void> {
    const pattern = Buffer.concat([this.#keys.entityPrefix, Buffer.from('*')]);
    for (let cursor: Buffer | string = '0', isDone = false; !isDone; ) {
      const scan = new RespWriter().command('SCAN', 5).argument(cursor).argument('MATCH').argument(pattern);
      const [page] = await this.#send(scan.argument('COUNT').argument(String(SCAN_KEYS)));
      const [next, keys] = page as readonly [Buffer, readonly Buffer[]];
      await this.#deleteField(keys, id);
      cursor = next;
      isDone = isText(next, '0');
    }
  }

  async #deleteField(keys: readonly Buffer[], id: Buffer): Promise<void> {
    for (let from = 0; from < keys.length; from += this.#stepCommands) {
      const out = new RespWriter(keys.length * 96);
      for (const key of keys.slice(from, from + this.#stepCommands)) out.command('HDEL', 2).argument(key).argument(id);
      await this.#send(out);
    }
  }

  /**
   * Again while Redis is away or busy, for some seconds. Never on a server that restarted since it took rows of the view:
   * even one that keeps its data may have lost the last of them, and nobody would notice.
   */
  async #patiently<T>(
    view: string,
    attempt: (send: Send, server: string, isRepeated: boolean) => Promise<T>,
  ): Promise<T> {
    let giveUpAt: number | null = null;
    for (let isRepeated = false; ; isRepeated = true) {
      try {
        const server = await this.#connection.incarnation();
        this.#requireSameServer(view, server);
        return await attempt((commands) => this.#connection.send(commands, server), server, isRepeated);
      } catch (error) {
        giveUpAt ??= performance.now() + PATIENCE_MILLIS;
        const leftMillis = giveUpAt - performance.now();
        if (leftMillis <= 0 || !(isNoScript(error) || isPassing(error))) throw requireTold(error);
        if (isNoScript(error)) await this.#loadScripts().catch(() => undefined);
        else await this.#pause(leftMillis);
      }
    }
  }

  async #pause(mostMillis: number): Promise<void> {
    await sleep(Math.min(PAUSE_MILLIS, mostMillis));
    await this.#connection.untilUp(mostMillis);
  }

  #requireSameServer(view: string, server: string): void {
    const before = this.#writtenTo.get(view);
    if (before === undefined || before === server) return;
    this.#writtenTo.delete(view);
    const where = this.#connection.address.text;
    const message = `Redis at ${where} restarted while rows of ${view} were written, and may have lost some: run it again`;
    throw new PlumbError('STORE_UNAVAILABLE', message, { details: { store: where, restarted: true } });
  }

  async #loadScripts(): Promise<void> {
    const out = new RespWriter(4096);
    for (const { lua } of [WRITE_ROWS, WRITE_STATE]) out.command('SCRIPT', 2).argument('LOAD').argument(lua);
    await this.#connection.send(out.finish());
  }
}

/** Of an HMGET. */
type Digests = readonly (Buffer | null)[];

/** What may be over in a moment. */
const isPassing = (error: unknown): boolean => isUnavailable(error) && (error as PlumbError).details.restarted !== true;

/** A server that forgets its scripts again and again. */
const requireTold = (error: unknown): unknown =>
  isNoScript(error)
    ? new PlumbError('STORE_UNAVAILABLE', 'Redis forgets its scripts again and again: try later')
    : error;

/** Its failure is told when its turn comes. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

const viewOf = (field: FieldName): string => field.split('@', 1)[0] as string;

const isText = (reply: Reply | undefined, text: string): boolean => Buffer.isBuffer(reply) && reply.toString() === text;

const sumOf = (replies: readonly Reply[]): number => replies.reduce<number>((sum, reply) => sum + Number(reply), 0);

function groupsOf(chunks: readonly RowWrite[][], size: number): RowWrite[][][] {
  const groups: RowWrite[][][] = [];
  for (let from = 0; from < chunks.length; from += size) groups.push(chunks.slice(from, from + size));
  return groups;
}
