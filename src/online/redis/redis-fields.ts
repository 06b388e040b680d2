// Which fields there are: registered before their first row, listed until their last one is gone.
import { PlumbError } from '../../../schemas/errors.ts';
import type { FieldName } from '../online-store.ts';
import { isText } from './command-batch.ts';
import { type EntityPage, entityPage } from './entity-pages.ts';
import type { Send } from './redis-connection.ts';
import { droppedField, fieldId, type RedisKeys } from './redis-layout.ts';
import { RespWriter } from './resp-writer.ts';

const SCAN_KEYS = 1000;

export const addRegistration = (out: RespWriter, { fields }: RedisKeys, field: FieldName): RespWriter =>
  out.command('HSETNX', 3).argument(fields).argument(fieldId(field)).argument(field);

/** Refuses a field whose id is that of another one. */
export async function registerField(send: Send, keys: RedisKeys, field: FieldName): Promise<void> {
  const out = addRegistration(new RespWriter(), keys, field);
  const [, registered] = await send(out.command('HGET', 2).argument(keys.fields).argument(fieldId(field)).finish());
  if (isText(registered, field)) return;
  const message = `${field} and ${String(registered)} have the same id in Redis, which hardly ever happens: run \`plumb materialize --full\` for one of the two views`;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { fields: [field, String(registered)] } });
}

export async function listFields(send: Send, { fields }: RedisKeys): Promise<readonly FieldName[]> {
  const [names] = await send(new RespWriter().command('HVALS', 1).argument(fields).finish());
  return [...new Set((names as readonly Buffer[]).map(String))];
}

/**
 * The registration goes first: a writer whose rows the scan may miss registers the field again behind them. What is left
 * to do after a crash stays listed.
 */
export async function dropField(send: Send, keys: RedisKeys, field: FieldName, stepCommands: number): Promise<void> {
  const { fields } = keys;
  const id = fieldId(field);
  const dropped = droppedField(id);
  const known = new RespWriter().command('HMGET', 3).argument(fields).argument(id).argument(dropped);
  const [names] = (await send(known.finish())) as [readonly (Buffer | null)[]];
  if (!names.some((name) => isText(name, field))) return;
  const marking = new RespWriter().command('HSET', 3).argument(fields).argument(dropped).argument(field);
  await send(marking.command('HDEL', 2).argument(fields).argument(id).finish());
  await removeRows(send, keys, id, stepCommands);
  await send(new RespWriter().command('HDEL', 2).argument(fields).argument(dropped).finish());
}

/** Entities without a field left vanish by themselves. */
async function removeRows(send: Send, keys: RedisKeys, id: Buffer, stepCommands: number): Promise<void> {
  for (let cursor: string | null = null, isDone = false; !isDone; isDone = cursor === null) {
    const page: EntityPage = await entityPage(send, keys, cursor, SCAN_KEYS);
    for (let from = 0; from < page.keys.length; from += stepCommands) {
      const out = new RespWriter(page.keys.length * 96);
      for (const key of page.keys.slice(from, from + stepCommands)) out.command('HDEL', 2).argument(key).argument(id);
      await send(out.finish());
    }
    cursor = page.cursor;
  }
}
