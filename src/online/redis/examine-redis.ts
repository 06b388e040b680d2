// What `plumb doctor` should know of a Redis: its version, and whether it may drop rows to make room.
import type { StoreExamination } from '../online-store.ts';
import type { Send } from './redis-connection.ts';
import { RespWriter } from './resp-writer.ts';

export async function examineRedis(send: Send, where: string): Promise<StoreExamination> {
  const info = await readInfo(send);
  const version = info.get('redis_version');
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  return {
    found: `redis${version === undefined ? '' : ` ${version}`} at ${where} answers`,
    dangers: dangersOf(policy),
  };
}

/** Keys of which all rows have a ttl or a window expire, so policies over expiring keys touch them too. */
const dangersOf = (policy: string): StoreExamination['dangers'] =>
  /^(allkeys|volatile)-/.test(policy)
    ? [
        {
          found: `its maxmemory-policy is ${policy}: it drops rows when it is full, and a dropped row reads as NOT_FOUND`,
          advice: 'set maxmemory-policy to noeviction',
        },
      ]
    : [];

/** Empty where INFO is not allowed: that alone is no danger. */
async function readInfo(send: Send): Promise<ReadonlyMap<string, string>> {
  const ask = new RespWriter().command('INFO', 1).argument('server').command('INFO', 1).argument('memory').finish();
  const replies = await send(ask).catch(() => []);
  const lines = replies.flatMap((reply) => (Buffer.isBuffer(reply) ? reply.toString().split('\r\n') : []));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
