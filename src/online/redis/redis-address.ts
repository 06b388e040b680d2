// `online.url` and `online.urls` → where to connect, with what, and how to call it in messages: by host and port, never
// with user or password.
import type { ConnectionOptions } from 'node:tls';
import { PlumbError } from '../../../schemas/errors.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: boolean;
  /** For messages. */
  readonly text: string;
}

/** What one connection is made to: a server, or whichever server Sentinels call the master. */
export interface RedisTarget {
  readonly address: RedisAddress;
  /** null: no TLS. */
  readonly tls: ConnectionOptions | null;
  readonly sentinel: SentinelTarget | null;
}

export interface SentinelTarget {
  readonly master: string;
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly username: string | null;
  readonly password: string | null;
}

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

export function redisAddress(url: string, key = 'online.url', defaultPort = REDIS_PORT): RedisAddress {
  try {
    return addressOf(url, defaultPort);
  } catch (error) {
    throw error instanceof WrongAddress ? new PlumbError('INVALID_CONFIG', `${key}: ${error.message}`) : error;
  }
}

function addressOf(url: string, defaultPort: number): RedisAddress {
  const { protocol, hostname, port, pathname, search, hash, username, password } = parse(url);
  const address = {
    host: hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: port === '' ? defaultPort : Number(port),
    username: username === '' ? null : decoded(username),
    password: password === '' ? null : decoded(password),
    tls: protocol === 'rediss:',
  };
  const database = databaseOf(pathname + search + hash);
  const text = `${hostname || 'localhost'}:${address.port}`;
  return { ...address, database, text: database === 0 ? text : `${text}/${database}` };
}

/** All of them name one deployment, so user, password, database and TLS are the same in each. */
export function redisAddresses(
  urls: readonly string[],
  isSentinel: boolean,
): readonly [RedisAddress, ...RedisAddress[]] {
  const port = isSentinel ? SENTINEL_PORT : REDIS_PORT;
  const [first, ...rest] = urls.map((url, index) => redisAddress(url, `online.urls[${index}]`, port));
  if (first === undefined)
    throw new PlumbError('INVALID_CONFIG', 'online.urls: found no address, expected at least one');
  const sameIn = ({ username, password, database, tls }: RedisAddress): string =>
    JSON.stringify([username, password, database, tls]);
  if (rest.some((address) => sameIn(address) !== sameIn(first))) {
    const expected = 'expected the same scheme, user, password and database in each: they are those of the data nodes';
    throw new PlumbError(
      'INVALID_CONFIG',
      `online.urls: found addresses that differ in more than host and port, ${expected}`,
    );
  }
  return [first, ...rest];
}

/** `found` may be an address as Redis writes it: `host:port`, with IPv6 as it is. */
export function hostAndPort(found: string): { readonly host: string; readonly port: number } | null {
  const colon = found.lastIndexOf(':');
  const port = Number(found.slice(colon + 1));
  return colon < 0 || !Number.isInteger(port) ? null : { host: found.slice(0, colon), port };
}

/** Another server of the same deployment. */
export function addressLike(address: RedisAddress, host: string, port: number): RedisAddress {
  return { ...address, host, port, text: `${host.includes(':') ? `[${host}]` : host}:${port}` };
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new WrongAddress(`it is no address such as redis://host:6379 (${ESCAPES})`);
  }
}

/** What was found is not shown: with a bare `/` in the password, host, port and the rest are parts of user and password. */
function databaseOf(rest: string): number {
  if (/^\/?$/.test(rest)) return 0;
  const digits = /^\/(\d{1,9})$/.exec(rest)?.[1];
  if (digits === undefined)
    throw new WrongAddress(`expected /<database>, such as /0, or nothing after host and port (${ESCAPES})`);
  return Number(digits);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WrongAddress('user or password holds a % that starts no percent-encoded character: write it as %25');
  }
}

const ESCAPES = 'in user or password, / is written %2F, ? is %3F, # is %23';

/** Says what is wrong and shows nothing of it. */
class WrongAddress extends Error {}
