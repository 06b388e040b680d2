// `Authorization: Bearer KEY` → the key that it is, or why it is none. This runs for every request.
import { hash } from 'node:crypto';
import { PlumbError } from '../../schemas/errors.ts';
import { isWholeKey, KEY_CHARACTERS, keyIdOf } from '../key-text.ts';
import type { KeyHolder } from './caller.ts';

export interface KnownKey {
  readonly id: string;
  /** SHA-256 of the key, in hexadecimal. */
  readonly digest: string;
  readonly revokedAt: string | null;
  /** Infinity: never. */
  readonly expiresAtMillis: number;
  readonly holder: KeyHolder;
}

/** Stands in for that of a key which is not there, so that both take as long. */
const NO_DIGEST = '0'.repeat(64);

/** UNAUTHENTICATED where it is no key that holds at that time. */
export function findKey(
  keys: ReadonlyMap<string, KnownKey>,
  authorization: string | undefined,
  nowMillis: number,
): KnownKey {
  const text = bearerOf(authorization);
  if (text.length !== KEY_CHARACTERS) throw notAKey(text);
  const key = keys.get(keyIdOf(text));
  const isKnown = equalsInConstantTime(hash('sha256', text, 'hex'), key?.digest ?? NO_DIGEST);
  if (key === undefined || !isKnown) throw notAKey(text);
  // Only who has the secret is told more of the key.
  if (key.revokedAt !== null) throw refused('revoked', `the key ${key.id} was revoked at ${key.revokedAt}`, key.id);
  if (key.expiresAtMillis <= nowMillis) throw refused('expired', `the key ${key.id} has expired`, key.id);
  return key;
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') throw refused('missing', 'the request has no key');
  if (authorization.startsWith('Bearer plumb_')) return authorization.slice('Bearer '.length);
  const found = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (found !== undefined) return found;
  throw refused('malformed', 'the Authorization header is no `Bearer KEY`');
}

/** Of texts of one length; it takes as long wherever they differ. */
function equalsInConstantTime(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let i = 0; i < left.length; i += 1) difference |= left.charCodeAt(i) ^ right.charCodeAt(i);
  return difference === 0;
}

const notAKey = (text: string): PlumbError =>
  isWholeKey(text)
    ? refused('unknown', 'no such key: it was never made here, or was removed; a new one is known after two seconds')
    : refused('malformed', 'the Authorization header has no whole key: was it cut, or changed, when it was copied?');

function refused(reason: string, message: string, key?: string): PlumbError {
  return new PlumbError(
    'UNAUTHENTICATED',
    `${message}; expected \`Authorization: Bearer KEY\` with a key of this server`,
    {
      details: { reason, ...(key === undefined ? {} : { key }) },
    },
  );
}
