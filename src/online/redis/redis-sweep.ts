// Looks at the records of all entities, page by page of a SCAN, and removes those that may go. The cursor is that of SCAN:
// Redis promises that whatever is there from the first page to the last is shown at least once.
import type { FieldName, JudgeOf, StoredRecord, SweepStep } from '../online-store.ts';
import type { RedisBackend } from './redis-backend.ts';
import { fieldId, rowOfRecord } from './redis-layout.ts';
import { REMOVE_RECORDS } from './redis-scripts.ts';
import type { RespWriter } from './resp-writer.ts';
import { requireRow } from './row-commands.ts';

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
  backend: RedisBackend,
  fields: readonly FieldName[],
  judgeOf: JudgeOf,
  cursor: string | null,
  limit: number,
  isDry: boolean,
): Promise<SweepStep> {
  const judged = fields.flatMap((field): Judged[] => {
    const judge = judgeOf(field);
    return judge === null ? [] : [{ id: fieldId(field), judge }];
  });
  if (judged.length === 0) return { seen: 0, removed: 0, cursor: null };
  const page = await backend.entityPage(cursor, Math.min(limit, PAGE_KEYS));
  const { seen, over } = await judgePage(backend, page.keys, judged);
  const removed = isDry ? over.length : await remove(backend, over);
  return { seen, removed, cursor: page.cursor };
}

async function judgePage(backend: RedisBackend, keys: readonly Buffer[], fields: readonly Judged[]) {
  const replies = (await backend.sendAll({
    groups: keys.map((key) => [key]),
    sizeBytes: 64 + 16 * fields.length,
    add: (out, group) => {
      out.command('HMGET', fields.length + 1).argument(keys[group] as Buffer);
      for (const { id } of fields) out.argument(id);
    },
  })) as readonly (readonly (Buffer | null)[])[];
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

async function remove(backend: RedisBackend, over: readonly Over[]): Promise<number> {
  const chunks: Over[][] = [];
  for (let from = 0; from < over.length; from += backend.keysPerCommand)
    chunks.push(over.slice(from, from + backend.keysPerCommand));
  const replies = await backend.sendAll({
    groups: chunks.map((chunk) => chunk.map(({ key }) => key)),
    sizeBytes: 1024 + backend.keysPerCommand * 512,
    add: (out, group) => addRemoval(out, chunks[group] as Over[]),
  });
  return replies.reduce<number>((sum, reply) => sum + Number(reply), 0);
}

/** As a script in full: it is sent now and then, and a server that has forgotten it would refuse its digest. */
function addRemoval(out: RespWriter, chunk: readonly Over[]): void {
  out
    .command('EVAL', 2 + 3 * chunk.length)
    .argument(REMOVE_RECORDS.lua)
    .argument(String(chunk.length));
  for (const { key } of chunk) out.argument(key);
  for (const { id, record } of chunk) out.argument(id).argument(record);
}
