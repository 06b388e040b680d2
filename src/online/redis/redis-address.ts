// `online.url` → where to connect, with what, and how to call it in messages: by host and port, never with user or password.
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

export function redisAddress(url: string): RedisAddress {
  const { protocol, hostname, port, pathname, username, password } = parse(url);
  const address = {
    host: hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: port === '' ? 6379 : Number(port),
    username: username === '' ? null : decoded(username),
    password: password === '' ? null : decoded(password),
    tls: protocol === 'rediss:',
  };
  const database = /^\/?$/.test(pathname) ? 0 : Number(/^\/(\d{1,9})$/.exec(pathname)?.[1] ?? Number.NaN);
  const text = `${hostname || 'localhost'}:${address.port}`;
  if (Number.isNaN(database))
    throw wrong(`found ${JSON.stringify(pathname)} after ${text}, expected a database such as /0`);
  return { ...address, database, text: database === 0 ? text : `${text}/${database}` };
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw wrong('it is no address such as redis://host:6379');
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('user or password holds a % that starts no percent-encoded character: write it as %25');
  }
}

const wrong = (what: string): PlumbError => new PlumbError('INVALID_CONFIG', `online.url: ${what}`);
