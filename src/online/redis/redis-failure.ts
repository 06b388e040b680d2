// Redis' and the network's errors → PlumbError. Messages name host and port. The driver's error is not kept as the cause:
// it carries the arguments of its command, which of AUTH are user and password.
import type { ErrorCode } from '../../../schemas/errors.ts';
import { PlumbError } from '../../../schemas/errors.ts';
import type { RedisAddress } from './redis-address.ts';

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
  MOVED: [
    'NOT_SUPPORTED',
    (reason, where) => `Redis at ${where} is part of a Redis Cluster, which is not supported yet (${reason})`,
  ],
};

const AUTHENTICATION = /invalid password|AUTH <password>|Client sent AUTH/i;
const DATABASE = /DB index|SELECT is not allowed/i;

export function redisFailure(error: unknown, address: RedisAddress): PlumbError {
  if (error instanceof PlumbError) return error;
  const reason = reasonOf(error, address);
  const [code, text] = TOLD[reason.split(' ', 1)[0] ?? ''] ?? byText(reason);
  return new PlumbError(code, text(reason, address.text), { details: { store: address.text } });
}

function byText(reason: string): Told {
  if (AUTHENTICATION.test(reason)) return refused;
  if (!DATABASE.test(reason)) return away;
  return ['INVALID_CONFIG', (_reason, where) => `Redis at ${where} has no such database (${reason}): check online.url`];
}

/** What a person should read; a connection to several addresses has only a code. */
function reasonOf(error: unknown, { password, username }: RedisAddress): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { code } = error as NodeJS.ErrnoException;
  let reason = error.message || String(code ?? error.name);
  for (const secret of [password, username]) {
    if (secret !== null) reason = reason.replaceAll(secret, '***');
  }
  return reason;
}

export const isUnavailable = (error: unknown): boolean =>
  error instanceof PlumbError && error.code === 'STORE_UNAVAILABLE';

/** The server lost its scripts: it restarted, or somebody flushed them. */
export const isNoScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');
