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
  throw sameId(field, String(registered));
}

export function sameId(field: FieldName, other: string): PlumbError {
  const message = `${field} and ${other} have the same id in Redis, which hardly ever happens: run \`plumb materialize --full\` for one of the two views`;
  return new PlumbError('STORAGE_CORRUPT', message, { details: { fields: [field, other] } });
}

export async function listFields(send: Send, { fields }: RedisKeys): Promise<readonly FieldName[]> {
  const [names] = await send(new RespWriter().command('HVALS', 1).argument(fields).finish());
  return [...new Set((names as readonly Buffer[]).map(String))];
}

/** Removes the sentinels and rows of a field everywhere; false where some may be left, which a later drop removes. */
export type RemoveRows = (id: Buffer) => Promise<boolean>;

/**
 * The registration goes first: a writer whose rows the scan may miss registers the field again behind them. What is left
 * to do after a crash stays listed.
 */
export async function dropField(send: Send, keys: RedisKeys, field: FieldName, removeRows: RemoveRows): Promise<void> {
  const { fields } = keys;
  const id = fieldId(field);
  const dropped = droppedField(id);
  const known = new RespWriter().command('HMGET', 3).argument(fields).argument(id).argument(dropped);
  const [names] = (await send(known.finish())) as [readonly (Buffer | null)[]];
  if (!names.some((name) => isText(name, field))) return;
  const marking = new RespWriter().command('HSET', 3).argument(fields).argument(dropped).argument(field);
  await send(marking.command('HDEL', 2).argument(fields).argument(id).finish());
  if (!(await removeRows(id))) return;
  await send(new RespWriter().command('HDEL', 2).argument(fields).argument(dropped).finish());
}

/** The keys of entities on one server, page by page. A key may come twice, and keys that come meanwhile may be missed. */
export async function* entityKeys(send: Send, keys: RedisKeys): AsyncGenerator<readonly Buffer[]> {
  for (let cursor: string | null = null, isDone = false; !isDone; isDone = cursor === null) {
    const page: EntityPage = await entityPage(send, keys, cursor, SCAN_KEYS);
    yield page.keys;
    cursor = page.cursor;
  }
}

/** Entities without a field left vanish by themselves. */
export const addRemoval = (out: RespWriter, key: Uint8Array, id: Buffer): RespWriter =>
  out.command('HDEL', 2).argument(key).argument(id);
