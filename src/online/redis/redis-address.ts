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
  const { protocol, hostname, port, pathname, search, hash, username, password } = parse(url);
  const address = {
    host: hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: port === '' ? 6379 : Number(port),
    username: username === '' ? null : decoded(username),
    password: password === '' ? null : decoded(password),
    tls: protocol === 'rediss:',
  };
  const database = databaseOf(pathname + search + hash);
  const text = `${hostname || 'localhost'}:${address.port}`;
  return { ...address, database, text: database === 0 ? text : `${text}/${database}` };
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw wrong(`it is no address such as redis://host:6379 (${ESCAPES})`);
  }
}

/** What was found is not shown: with a bare `/` in the password, host, port and the rest are parts of user and password. */
function databaseOf(rest: string): number {
  if (/^\/?$/.test(rest)) return 0;
  const digits = /^\/(\d{1,9})$/.exec(rest)?.[1];
  if (digits === undefined)
    throw wrong(`expected /<database>, such as /0, or nothing after host and port (${ESCAPES})`);
  return Number(digits);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('user or password holds a % that starts no percent-encoded character: write it as %25');
  }
}

const ESCAPES = 'in user or password, / is written %2F, ? is %3F, # is %23';

const wrong = (what: string): PlumbError => new PlumbError('INVALID_CONFIG', `online.url: ${what}`);
