// Streams into the rows of one Redis: a commit is one script, a read one write of commands, of which the sentinels are asked
// for first. Nothing is sent twice: who committed asks the sentinel where an answer was lost.
import type { FieldName, RowSelection } from '../online-store.ts';
import {
  encodeSentinelKey,
  fieldsOf,
  requireBounded,
  type SentinelBytes,
  sentinelPrefix,
  sentinelsInOrder,
} from '../stream-commit.ts';
import type {
  SentinelKey,
  StoredSentinel,
  StreamRead,
  StreamStore,
  StreamTransaction,
  VersionedEntry,
} from '../stream-store.ts';
import type { Reply } from './command-batch.ts';
import { claimLayout } from './layout-claim.ts';
import type { RedisConnection, Send } from './redis-connection.ts';
import { isNoScript } from './redis-failure.ts';
import { sameId } from './redis-fields.ts';
import { type RedisKeys, rowOfRecord, tokenOfRecord } from './redis-layout.ts';
import { RespWriter } from './resp-writer.ts';
import { addRowReading, encodedFieldIds, requireRow } from './row-commands.ts';
import { requireKeeping } from './stream-admission.ts';
import { commitCommands } from './stream-script.ts';

export class RedisStreamStore implements StreamStore {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #stepCommands: number;
  readonly #fieldIds = encodedFieldIds();
  /** The server that was found to take streams. */
  #admitted: string | null = null;

  /** `stepCommands`: of one read, in flight together. */
  constructor(connection: RedisConnection, keys: RedisKeys, stepCommands: number) {
    this.#connection = connection;
    this.#keys = keys;
    this.#stepCommands = stepCommands;
  }

  async read({ entities, fields }: RowSelection, sentinels: readonly SentinelKey[]): Promise<StreamRead> {
    const send = await this.#admit();
    const ids = fields.map((field) => this.#fieldIds.get(field));
    const asked = fields.length === 0 ? [] : entities;
    const replies: Reply[] = [];
    const step = Math.max(1, this.#stepCommands - 1);
    for (let from = 0; from < Math.max(1, asked.length); from += step) {
      const out = new RespWriter();
      if (from === 0) this.#addSentinels(out, sentinels);
      for (const entity of asked.slice(from, from + step)) addRowReading(out, this.#keys.entityPrefix, entity, ids);
      replies.push(...(await sendUnlessEmpty(send, out)));
    }
    const found = sentinels.length === 0 ? [] : (replies.shift() as readonly (Buffer | null)[]);
    const records = replies as readonly (readonly (Buffer | null)[])[];
    return { entries: entities.map((_entity, index) => (records[index] ?? []).map(entryOfRecord)), sentinels: found };
  }

  async commit(transaction: StreamTransaction): Promise<boolean> {
    requireBounded(transaction);
    const send = await this.#admit();
    await claimLayout(send, this.#keys, this.#connection.address.text);
    const fields = fieldsOf(transaction);
    const commands = commitCommands(this.#keys, fields, transaction);
    const [outcome] = await send(commands(false)).catch((error: unknown) => {
      if (!isNoScript(error)) throw error;
      return send(commands(true));
    });
    if (!Array.isArray(outcome)) return outcome === 1;
    const [number, other] = outcome as unknown as readonly [number, Buffer];
    throw sameId(fields[number - 1] as FieldName, String(other));
  }

  async listSentinels(field?: FieldName): Promise<readonly StoredSentinel[]> {
    return sentinelsInOrder(await storedSentinels(await this.#admit(), this.#keys, field));
  }

  async dropSentinels(field: FieldName): Promise<void> {
    await removeSentinels(await this.#admit(), this.#keys, field);
  }

  #addSentinels(out: RespWriter, sentinels: readonly SentinelKey[]): void {
    if (sentinels.length === 0) return;
    out.command('HMGET', 1 + sentinels.length).argument(this.#keys.sentinels);
    for (const key of sentinels) out.argument(encodeSentinelKey(key));
  }

  /** To a server that takes streams; it is asked once, and again where another one answers. */
  async #admit(): Promise<Send> {
    const server = await this.#connection.incarnation();
    const send: Send = (commands) => this.#connection.send(commands, server);
    if (this.#admitted !== server) {
      await requireKeeping(send, this.#connection.address.text);
      this.#admitted = server;
    }
    return send;
  }
}

/** Where there are none, as on a Cluster, nothing happens. */
export async function removeSentinels(send: Send, keys: RedisKeys, field: FieldName): Promise<void> {
  const gone = await storedSentinels(send, keys, field);
  if (gone.length === 0) return;
  const out = new RespWriter().command('HDEL', 1 + gone.length).argument(keys.sentinels);
  for (const { key } of gone) out.argument(key);
  await send(out.finish());
}

/** All of one hash: it has some for each partition, and no more. */
async function storedSentinels(
  send: Send,
  { sentinels }: RedisKeys,
  field?: FieldName,
): Promise<readonly SentinelBytes[]> {
  const [flat] = await send(new RespWriter().command('HGETALL', 1).argument(sentinels).finish());
  const items = flat as readonly Buffer[];
  const found: SentinelBytes[] = [];
  for (let index = 0; index < items.length; index += 2) {
    const [key, sentinel] = [items[index] as Buffer, items[index + 1] as Buffer];
    if (field === undefined || isOfField(key, field)) found.push({ key, sentinel });
  }
  return found;
}

const sendUnlessEmpty = async (send: Send, out: RespWriter): Promise<Reply[]> => {
  const commands = out.finish();
  return commands.count === 0 ? [] : await send(commands);
};

function entryOfRecord(record: Buffer | null): VersionedEntry | null {
  const bytes = record === null ? null : requireRow(rowOfRecord(record));
  return record === null || bytes === null ? null : { bytes, version: tokenOfRecord(record) };
}

const isOfField = (key: Buffer, field: FieldName): boolean => {
  const prefix = sentinelPrefix(field);
  return key.subarray(0, prefix.length).equals(prefix);
};
