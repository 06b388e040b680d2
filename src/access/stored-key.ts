// What `src/access/` is for: who may ask a server for what, and what was changed by whom. It knows neither HTTP nor what the
// operations do.
//
// The record of a key, `keys/<id>.json`: of the secret only the SHA-256 of the whole key, which needs no salt and no slow hash,
// because 256 random bits cannot be guessed.
import { z } from 'zod';
import { ROLES, type Role } from '../../schemas/roles.ts';
import { jsonOrNull } from '../json-or-null.ts';
import { isKeyId } from '../key-text.ts';

export interface StoredKey {
  readonly id: string;
  /** What it is for, in the words of who made it; null: not said. */
  readonly name: string | null;
  /** SHA-256 of the key, in hexadecimal. */
  readonly digest: string;
  readonly role: Role;
  /** null: to nothing. */
  readonly limitedTo: KeyLimits | null;
  /** RFC 3339, as all instants here. */
  readonly createdAt: string;
  /** null: never. */
  readonly expiresAt: string | null;
  /** null: it was not. */
  readonly revokedAt: string | null;
}

/** Names of services and sources; of a kind without any name, none is allowed. */
export interface KeyLimits {
  readonly services: readonly string[];
  readonly sources: readonly string[];
}

export const KEYS_PREFIX = 'keys/';

export const keyObject = (id: string): string => `${KEYS_PREFIX}${id}.json`;

/** null where the object is not the record of a key. */
export function keyIdOfObject(object: string): string | null {
  const id = /^keys\/([^/]+)\.json$/.exec(object)?.[1] ?? '';
  return isKeyId(id) ? id : null;
}

const instant = z.iso.datetime();
const contract: z.ZodType<StoredKey> = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  role: z.enum(ROLES),
  limitedTo: z.strictObject({ services: z.array(z.string()), sources: z.array(z.string()) }).nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  revokedAt: instant.nullable(),
});

export const keyBytes = (key: StoredKey): Uint8Array => Buffer.from(`${JSON.stringify(key)}\n`);

/** null where it is damaged, or the record of another key. */
export function readKey(id: string, content: Uint8Array): StoredKey | null {
  const parsed = contract.safeParse(jsonOrNull(content));
  return parsed.success && parsed.data.id === id ? parsed.data : null;
}
