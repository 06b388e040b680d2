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
  CLUSTERDOWN: away,
  READONLY: refuses('STORE_UNAVAILABLE', 'it is a replica: point online.url at the primary'),
  NOREPLICAS: refuses('STORE_UNAVAILABLE', 'too few of its replicas are connected (min-replicas-to-write)'),
  MISCONF: refuses('STORE_UNAVAILABLE', 'it cannot save to its disk: look at its log and the free space there'),
  MOVED: [
    'INVALID_CONFIG',
    (_reason, where) =>
      `Redis at ${where} is part of a Redis Cluster: name its servers in online.urls in place of online.url`,
  ],
};

const AUTHENTICATION = /invalid password|AUTH <password>|Client sent AUTH|user executing the script can't/i;
const DATABASE = /DB index|SELECT is not allowed/i;
const TOO_MANY_CLIENTS = /max number of clients/i;
/** Before Redis 7 the error of a command in a script comes wrapped. */
const IN_SCRIPT = /^ERR Error running script.* -([A-Z]+) /;

/** `details`: more of them. Clients over the network are told no address: `publicMessage`. */
export function redisFailure(
  error: unknown,
  address: RedisAddress,
  details: Readonly<Record<string, unknown>> = {},
): PlumbError {
  if (error instanceof PlumbError) return error;
  const [code, text] = toldOf(error);
  return new PlumbError(code, text(shown(reasonOf(error), address), address.text), {
    details,
    privateDetails: { store: address.text },
    publicMessage: PUBLIC[code] ?? 'The online store is not as it should be: the log of the server tells more',
  });
}

const PUBLIC: Partial<Record<ErrorCode, string>> = {
  STORE_UNAVAILABLE: 'The online store does not answer: try again',
  RESOURCE_EXHAUSTED: 'The online store is full',
};

const NO_SENTINEL = /^All sentinels are unreachable/;
const UNKNOWN_MASTER = /No such master/;
const REFUSED_BY_SENTINEL = /Last error: (WRONGPASS|NOAUTH|NOPERM|ERR )/;

function bySentinel(reason: string): Told {
  if (UNKNOWN_MASTER.test(reason))
    return [
      'INVALID_CONFIG',
      (_told, where) => `For ${where}: they know no master of that name; check online.sentinel.master`,
    ];
  if (!REFUSED_BY_SENTINEL.test(reason))
    return ['STORE_UNAVAILABLE', (told, where) => `No Redis Sentinel leads to ${where}: ${told}`];
  return [
    'INVALID_CONFIG',
    (told, where) =>
      `The Sentinels of ${where} refuse us (${told}): check online.sentinel.username and online.sentinel.password`,
  ];
}

function toldOf(error: unknown): Told {
  const reason = reasonOf(error);
  if (NO_SENTINEL.test(reason)) return bySentinel(reason);
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
    .replace(/Retrying from scratch after [\d.]+ms\. ?/, '')
    .replace(/[.\s]+$/, '');
  for (const secret of [password, username]) {
    if (secret !== null && secret.length >= LEAST_STARRED) text = text.replaceAll(secret, '***');
  }
  return text;
}

const LEAST_STARRED = 6;

export const isUnavailable = (error: unknown): boolean =>
  error instanceof PlumbError && error.code === 'STORE_UNAVAILABLE';

/** A password was given that the server does not ask for. */
export const needsNoPassword = (error: unknown): boolean =>
  error instanceof Error && /no password is set|without any password configured/i.test(error.message);

/** The server lost its scripts: it restarted, or somebody flushed them. */
export const isNoScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');
