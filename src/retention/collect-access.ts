// Entries of the audit log, and records of keys that ended, once nobody has to account for them any more.
import { AUDIT_PREFIX } from '../access/change-log.ts';
import { KEYS_PREFIX, keyIdOfObject, readKey } from '../access/stored-key.ts';
import { parseInstant } from '../instant.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { totalBytes } from '../storage/totals.ts';
import { type GcContext, isYoung, keysOf } from './gc-context.ts';
import { isYounger } from './policy.ts';

const DELETED_AT_ONCE = 500;

export async function* collectAccess(context: GcContext, after: string | null): AsyncGenerator<string | null, void> {
  const { store } = context;
  const listed = [...(await store.list(AUDIT_PREFIX)), ...(await store.list(KEYS_PREFIX))];
  const old = listed.filter((object) => isOld(context, object) && (after === null || object.key > after));
  for (let from = 0; from < old.length; from += DELETED_AT_ONCE) {
    const group = old.slice(from, from + DELETED_AT_ONCE);
    await collect(context, group);
    yield group.at(-1)?.key ?? null;
  }
}

/** Nobody writes it again: an entry after its change, a key after it was revoked. */
const isOld = (context: GcContext, object: ObjectInfo): boolean =>
  !isYoung(context, object) &&
  !isYounger(object.modifiedAtMillis, context.policy.audit.maxAgeMicros, context.nowMicros);

async function collect(context: GcContext, objects: readonly ObjectInfo[]): Promise<void> {
  const { store, dryRun, tally } = context;
  const changes: ObjectInfo[] = [];
  const keys: ObjectInfo[] = [];
  for (const object of objects) {
    const id = keyIdOfObject(object.key);
    if (id === null && object.key.startsWith(AUDIT_PREFIX)) changes.push(object);
    if (id !== null && (await hasEnded(context, id, object.key))) keys.push(object);
  }
  if (!dryRun) await store.delete(keysOf([...changes, ...keys]));
  tally.remove('change', '', changes.length, totalBytes(changes));
  tally.remove('key', '', keys.length, totalBytes(keys));
}

/** What is damaged is left alone: no server takes it, and `plumb key list` tells it. */
async function hasEnded({ store, policy, nowMicros }: GcContext, id: string, object: string): Promise<boolean> {
  const content = await store.get(object);
  const key = content === null ? null : readKey(id, content);
  const endedAt = key?.revokedAt ?? key?.expiresAt ?? null;
  const endedMicros = endedAt === null ? null : parseInstant(endedAt);
  return endedMicros !== null && nowMicros - endedMicros >= policy.audit.maxAgeMicros;
}
