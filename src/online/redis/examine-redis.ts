// What `plumb doctor` should know of a Redis: its versions, whether it may drop rows to make room, and whether it could hold
// more in the same memory.
import type { StoreExamination } from '../online-store.ts';
import type { Send } from './redis-connection.ts';
import { RespWriter } from './resp-writer.ts';

type Info = ReadonlyMap<string, string>;
const LISTPACK_SETTING = 'hash-max-listpack-value';
type Danger = StoreExamination['dangers'][number];

export interface ExaminedServer {
  readonly where: string;
  readonly info: Info;
}

export function examinationOf(servers: readonly ExaminedServer[], more: readonly Danger[] = []): StoreExamination {
  const versions = [
    ...new Set(servers.map(({ info }) => info.get('redis_version')).filter((found) => found !== undefined)),
  ];
  const places = servers.map(({ where }) => where).join(', ');
  return {
    found: `redis${versions.map((version) => ` ${version}`).join(' and')} at ${places} ${servers.length > 1 ? 'answer' : 'answers'}${savingOf(servers)}`,
    dangers: [...servers.flatMap((server) => dangersOf(server, servers.length > 1)), ...more],
  };
}

/** Longer rows than that make a hash a table, which costs some 130 bytes an entity more than a list (docs/deployment.md). */
const LISTPACK_BYTES = 1024;

function savingOf(servers: readonly ExaminedServer[]): string {
  const least = Math.min(...servers.map(({ info }) => Number(info.get(LISTPACK_SETTING) ?? LISTPACK_BYTES)));
  if (!(least < LISTPACK_BYTES)) return '';
  return `; ${LISTPACK_SETTING} is ${least}, with ${LISTPACK_BYTES} it would take about a fifth less memory`;
}

/** Keys of which all rows have a ttl or a window expire, so policies over expiring keys touch them too. */
function dangersOf({ where, info }: ExaminedServer, isOneOfMany: boolean): readonly Danger[] {
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (!/^(allkeys|volatile)-/.test(policy)) return [];
  const whose = isOneOfMany ? `the maxmemory-policy of ${where}` : 'its maxmemory-policy';
  const found = `${whose} is ${policy}: it drops rows when it is full, and a dropped row reads as NOT_FOUND`;
  return [{ found, advice: 'set maxmemory-policy to noeviction' }];
}

/** Empty where INFO is not allowed: that alone is no danger. */
export async function readInfo(send: Send): Promise<Info> {
  const ask = new RespWriter().command('INFO', 1).argument('server').command('INFO', 1).argument('memory').finish();
  const replies = await send(ask).catch(() => []);
  const lines = replies.flatMap((reply) => (Buffer.isBuffer(reply) ? reply.toString().split('\r\n') : []));
  const info = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
  const setting = await readSetting(send);
  return setting === null ? info : info.set(LISTPACK_SETTING, setting);
}

/** null where CONFIG is not allowed, or an old server calls it otherwise. */
async function readSetting(send: Send): Promise<string | null> {
  const ask = new RespWriter().command('CONFIG', 2).argument('GET').argument(LISTPACK_SETTING).finish();
  const [reply] = await send(ask).catch(() => []);
  const value = Array.isArray(reply) ? reply[1] : null;
  return Buffer.isBuffer(value) ? value.toString() : null;
}
