// Redis' and the network's errors → PlumbError. Messages name host and port. The driver's error is not kept as the cause:
// it carries the arguments of its command, which of AUTH are user and password.
import { ReplyError } from 'ioredis';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { PlumbError } from '../../../schemas/errors.ts';
import type { RedisAddress } from './redis-address.ts';
import { BAD_RECORD } from './redis-scripts.ts';

type Told = readonly [ErrorCode, (reason: string, where: string) => string];

const away: Told = [
  'STORE_UNAVAILABLE',
  (reason, where) => `The online store, Redis at ${where}, does not answer: ${reason}`,
];
const refused: Told = [
  'INVALID_CONFIG',
  (reason, where) =>
    `Redis at ${where} refuses us (${reason}): check user and password in online.url, and what that user may do`,
];

const refuses = (code: ErrorCode, advice: string): Told => [
  code,
  (reason, where) => `Redis at ${where} refuses: ${reason}; ${advice}`,
];

/** By the first word of Redis' answer. */
const TOLD: Readonly<Record<string, Told>> = {
  OOM: [
    'RESOURCE_EXHAUSTED',
    (reason, where) => `Redis at ${where} is full (${reason}): give it more memory (maxmemory)`,
  ],
  NOAUTH: refused,
  WRONGPASS: refused,
  NOPERM: refused,
  WRONGTYPE: [
    'STORAGE_CORRUPT',
    (reason, where) =>
      `Redis at ${where} holds keys of ours that are of another kind (${reason}): use another database or project name`,
  ],
  [BAD_RECORD]: [
    'STORAGE_CORRUPT',
    (_reason, where) => `Redis at ${where} holds a row record that is none of this format: use another database`,
  ],
  LOADING: away,
  MASTERDOWN: away,
  BUSY: away,
  TRYAGAIN: away,
  NOREPLICAS: away,
  CLUSTERDOWN: away,
  READONLY: refuses('STORE_UNAVAILABLE', 'it is a replica: point online.url at the primary'),
  MISCONF: refuses('STORE_UNAVAILABLE', 'it cannot save to its disk: look at its log and the free space there'),
  MOVED: [
    'NOT_SUPPORTED',
    (reason, where) => `Redis at ${where} is part of a Redis Cluster, which is not supported yet (${reason})`,
  ],
};

const AUTHENTICATION = /invalid password|AUTH <password>|Client sent AUTH/i;
const DATABASE = /DB index|SELECT is not allowed/i;
const TOO_MANY_CLIENTS = /max number of clients/i;
/** Before Redis 7 the error of a command in a script comes wrapped. */
const IN_SCRIPT = /^ERR Error running script.* -([A-Z]+) /;

export function redisFailure(error: unknown, address: RedisAddress): PlumbError {
  if (error instanceof PlumbError) return error;
  const [code, text] = toldOf(error);
  return new PlumbError(code, text(shown(reasonOf(error), address), address.text), {
    details: { store: address.text },
  });
}

function toldOf(error: unknown): Told {
  const reason = reasonOf(error);
  const word = IN_SCRIPT.exec(reason)?.[1] ?? reason.split(' ', 1)[0] ?? '';
  const isReply = error instanceof ReplyError && !TOO_MANY_CLIENTS.test(reason);
  return TOLD[word] ?? (isReply ? byText(reason) : away);
}

function byText(reason: string): Told {
  if (AUTHENTICATION.test(reason)) return refused;
  if (!DATABASE.test(reason))
    return refuses('INVALID_CONFIG', 'online.url must name a Redis 6.2 or newer, with scripting (EVALSHA)');
  return ['INVALID_CONFIG', (told, where) => `Redis at ${where} has no such database (${told}): check online.url`];
}

/** A connection to several addresses has only a code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

/**
 * What a person should read. Redis repeats two things that it was told: a user's name, and the arguments of a command
 * that it does not know, which of AUTH are the password. Both are cut out by their place: a short password stands in many
 * a word, and starring it there would tell it. The long ones are starred besides, for what a proxy may say.
 */
function shown(reason: string, { password, username }: RedisAddress): string {
  let text = reason
    .replace(/, with args beginning with:.*/s, '')
    .replace(/\bUser .* has no permissions/s, 'no permissions')
    .replace(/[.\s]+$/, '');
  for (const secret of [password, username]) {
    if (secret !== null && secret.length >= LEAST_STARRED) text = text.replaceAll(secret, '***');
  }
  return text;
}

const LEAST_STARRED = 6;

export const isUnavailable = (error: unknown): boolean =>
  error instanceof PlumbError && error.code === 'STORE_UNAVAILABLE';

/** The server lost its scripts: it restarted, or somebody flushed them. */
export const isNoScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');
