// Looks at the records of all entities, page by page of a SCAN, and removes those that may go. The cursor is that of SCAN:
// Redis promises that whatever is there from the first page to the last is shown at least once.
import type { JudgeOf, StoredRecord, SweepStep } from '../online-store.ts';
import type { Reply } from './command-batch.ts';
import { entityPage } from './entity-pages.ts';
import type { Send } from './redis-connection.ts';
import { listFields } from './redis-fields.ts';
import { fieldId, type RedisKeys, rowOfRecord } from './redis-layout.ts';
import { REMOVE_RECORDS } from './redis-scripts.ts';
import { RespWriter } from './resp-writer.ts';
import { CHUNK_KEYS, requireRow } from './row-commands.ts';

/** Few enough that nobody waits long for Redis. */
const PAGE_KEYS = 1000;

interface Judged {
  readonly id: Buffer;
  readonly judge: (record: StoredRecord) => boolean;
}

interface Over {
  readonly key: Buffer;
  readonly id: Buffer;
  readonly record: Buffer;
}

export async function sweep(
  send: Send,
  keys: RedisKeys,
  judgeOf: JudgeOf,
  cursor: string | null,
  limit: number,
  isDry: boolean,
): Promise<SweepStep> {
  const fields = (await listFields(send, keys)).flatMap((field): Judged[] => {
    const judge = judgeOf(field);
    return judge === null ? [] : [{ id: fieldId(field), judge }];
  });
  if (fields.length === 0) return { seen: 0, removed: 0, cursor: null };
  const page = await entityPage(send, keys, cursor, Math.min(limit, PAGE_KEYS));
  const { seen, over } = await judgePage(send, page.keys, fields);
  const removed = isDry ? over.length : await remove(send, over);
  return { seen, removed, cursor: page.cursor };
}

async function judgePage(send: Send, keys: readonly Buffer[], fields: readonly Judged[]) {
  const out = new RespWriter(keys.length * (64 + 16 * fields.length));
  for (const key of keys) {
    out.command('HMGET', fields.length + 1).argument(key);
    for (const { id } of fields) out.argument(id);
  }
  const replies = (keys.length === 0 ? [] : await send(out.finish())) as readonly (readonly (Buffer | null)[])[];
  const over: Over[] = [];
  let seen = 0;
  for (const [index, records] of replies.entries()) {
    for (const [position, { id, judge }] of fields.entries()) {
      const record = records[position] ?? null;
      if (record === null) continue;
      seen += 1;
      const row = requireRow(rowOfRecord(record));
      if (judge({ token: record.readBigUInt64BE(0), row })) over.push({ key: keys[index] as Buffer, id, record });
    }
  }
  return { seen, over };
}

async function remove(send: Send, over: readonly Over[]): Promise<number> {
  if (over.length === 0) return 0;
  // As a script in full: it is sent once per page, and a server that has forgotten it would refuse its digest.
  const out = new RespWriter(over.reduce((sum, { key, record }) => sum + key.length + record.length + 64, 1024));
  for (let from = 0; from < over.length; from += CHUNK_KEYS) {
    const chunk = over.slice(from, from + CHUNK_KEYS);
    out
      .command('EVAL', 2 + 3 * chunk.length)
      .argument(REMOVE_RECORDS.lua)
      .argument(String(chunk.length));
    for (const { key } of chunk) out.argument(key);
    for (const { id, record } of chunk) out.argument(id).argument(record);
  }
  const replies: readonly Reply[] = await send(out.finish());
  return replies.reduce<number>((sum, reply) => sum + Number(reply), 0);
}
