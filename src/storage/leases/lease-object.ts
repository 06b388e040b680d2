// `leases/<name>/<token, 8 digits>.json`, from its creation to its end written by its holder alone.
import { z } from 'zod';
import { jsonOrNull } from '../../json-or-null.ts';
import { numbersByName } from '../numbers-by-name.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Owner } from './owner.ts';

/** What of a storage leases need; put-if-absent is the only condition that it has to keep. */
export type LeaseStore = Pick<ObjectStore, 'get' | 'put' | 'putIfAbsent' | 'list' | 'delete'>;

export const LEASES_PREFIX = 'leases/';

export interface LeaseObject {
  readonly owner: Owner;
  readonly purpose: string;
  /** RFC 3339, for people and for `gc`, which compares it with days: who may hold the lease does not depend on it. */
  readonly acquiredAt: string;
  readonly renewedAt: string;
  readonly termMillis: number;
  /** Counts up while the holder lives. */
  readonly renewals: number;
  /** Given back: the next token may be taken at once. The object stays, so that tokens grow for ever. */
  readonly released: boolean;
}

export interface StoredLease extends LeaseObject {
  readonly name: string;
  readonly token: number;
}

/** An object that is no lease, whoever wrote it so; a holder that lives writes its own again soon. */
export interface DamagedLease {
  readonly name: string;
  readonly token: number;
  readonly damaged: string;
}

export const isDamaged = (lease: StoredLease | DamagedLease): lease is DamagedLease => 'damaged' in lease;

const contract: z.ZodType<LeaseObject> = z.strictObject({
  owner: z.strictObject({
    host: z.string(),
    pid: z.int(),
    machine: z.string().nullable(),
    startTicks: z.string().nullable(),
  }),
  purpose: z.string(),
  acquiredAt: z.string(),
  renewedAt: z.string(),
  termMillis: z.int().positive(),
  renewals: z.int().nonnegative(),
  released: z.boolean(),
});

const KEY = /^leases\/([^/]+)\/(\d{8,})\.json$/;

export const leaseKey = (name: string, token: number): string =>
  `${LEASES_PREFIX}${name}/${token.toString().padStart(8, '0')}.json`;

export const leaseBytes = (lease: LeaseObject): Uint8Array => Buffer.from(`${JSON.stringify(lease)}\n`);

/** The tokens under a prefix of keys, by lease, ascending. */
export async function listTokens(store: LeaseStore, prefix: string): Promise<ReadonlyMap<string, readonly number[]>> {
  return numbersByName(await store.list(prefix), (key) => {
    const [, name, digits] = KEY.exec(key) ?? [];
    return name === undefined ? null : [name, Number(digits)];
  });
}

/** null where it is gone. */
export async function readLease(
  store: LeaseStore,
  name: string,
  token: number,
): Promise<StoredLease | DamagedLease | null> {
  const key = leaseKey(name, token);
  const content = await store.get(key);
  if (content === null) return null;
  const parsed = contract.safeParse(jsonOrNull(content));
  return parsed.success
    ? { ...parsed.data, name, token }
    : { name, token, damaged: Buffer.from(content).toString('base64') };
}
