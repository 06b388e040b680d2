// Leases over an object store.
import { PlumbError } from '../../../schemas/errors.ts';
import { pause } from '../../cancelled.ts';
import { failpoint } from '../../failpoint.ts';
import { formatInstant, nowMicros } from '../../instant.ts';
import { HeldLease } from './held-lease.ts';
import { type Lease, type LeaseHolder, type LeaseRequest, type Leases, requireLeaseName } from './lease.ts';
import type { LeaseStore } from './lease-object.ts';
import {
  type DamagedLease,
  isDamaged,
  LEASES_PREFIX,
  type LeaseObject,
  leaseBytes,
  leaseKey,
  listTokens,
  readLease,
  type StoredLease,
} from './lease-object.ts';
import { isGone, thisProcess } from './owner.ts';

export interface StorageLeasesOptions {
  readonly store: LeaseStore;
  /** How long a holder may show no life before others may take its place. */
  readonly termMillis: number;
}

const LOOKS_PER_TERM = 100;

export class StorageLeases implements Leases {
  readonly #store: LeaseStore;
  readonly #termMillis: number;

  constructor({ store, termMillis }: StorageLeasesOptions) {
    this.#store = store;
    this.#termMillis = termMillis;
  }

  async acquire(name: string, request: LeaseRequest): Promise<Lease> {
    requireLeaseName(name);
    for (;;) {
      const tokens = await this.#tokensOf(name);
      const newest = tokens.at(-1) ?? 0;
      if (newest > 0 && !(await this.#becomesFree(name, newest, request.signal))) continue;
      const lease = await this.#take(name, newest + 1, request);
      if (lease === null) continue;
      // What cannot be removed now is removed by the next holder.
      await this.#store.delete(tokens.map((token) => leaseKey(name, token))).catch(() => undefined);
      return lease;
    }
  }

  async holders(prefix: string): Promise<readonly LeaseHolder[]> {
    const tokens = await listTokens(this.#store, LEASES_PREFIX);
    const newest = [...tokens].filter(([name]) => name.startsWith(prefix));
    const leases = await Promise.all(newest.map(([name, all]) => readLease(this.#store, name, all.at(-1) as number)));
    return leases
      .filter((lease) => lease !== null)
      .filter((lease) => isDamaged(lease) || (!lease.released && !isGone(lease.owner)))
      .map((lease) => (isDamaged(lease) ? unknownHolderOf(lease) : holderOf(lease)));
  }

  /** Ascending; the greatest one is never removed but by who holds a greater one. */
  async #tokensOf(name: string): Promise<readonly number[]> {
    return (await listTokens(this.#store, `${LEASES_PREFIX}${name}/`)).get(name) ?? [];
  }

  /** null where somebody else was faster. */
  async #take(name: string, token: number, { purpose, once = false }: LeaseRequest): Promise<Lease | null> {
    const now = formatInstant(nowMicros());
    const object: LeaseObject = {
      owner: thisProcess(),
      purpose,
      acquiredAt: now,
      renewedAt: now,
      termMillis: this.#termMillis,
      renewals: 0,
      released: false,
    };
    const writtenAtMillis = performance.now();
    if (!(await this.#store.putIfAbsent(leaseKey(name, token), leaseBytes(object)))) return null;
    failpoint('lease.taken');
    // A process that was paused before it took its token may be several tokens behind.
    if ((await this.#tokensOf(name)).at(-1) === token)
      return new HeldLease({ store: this.#store, name, token, once }, object, writtenAtMillis);
    await this.#store.delete([leaseKey(name, token)]);
    return null;
  }

  /** Watches the holder: true once its token may be followed by the next, false where another one has done that. */
  async #becomesFree(name: string, token: number, signal: AbortSignal | undefined): Promise<boolean> {
    const first = await readLease(this.#store, name, token);
    const seenAtMillis = performance.now();
    let lease = first;
    let lookedAtMillis = seenAtMillis;
    for (;;) {
      if (lease === null || first === null) return false; // removed by whoever holds a greater one
      if (!isDamaged(lease) && (lease.released || isGone(lease.owner))) return true;
      if (signOfLife(lease) !== signOfLife(first)) throw held(lease);
      const termMillis = isDamaged(lease) ? this.#termMillis : lease.termMillis;
      if (lookedAtMillis - seenAtMillis >= termMillis) return true;
      await pause(termMillis / LOOKS_PER_TERM, signal);
      lookedAtMillis = performance.now();
      lease = await readLease(this.#store, name, token);
    }
  }
}

/** Changes while the holder lives: it writes its lease again and again, a damaged one too. */
const signOfLife = (lease: StoredLease | DamagedLease): string | number =>
  isDamaged(lease) ? lease.damaged : lease.renewals;

/** It may be anybody, and of now. */
function unknownHolderOf({ name, token }: DamagedLease): LeaseHolder {
  const now = formatInstant(nowMicros());
  return { name, token, purpose: 'unknown', host: 'unknown', pid: 0, acquiredAt: now, renewedAt: now, isDamaged: true };
}

const holderOf = ({ name, token, purpose, owner, acquiredAt, renewedAt }: StoredLease): LeaseHolder => ({
  name,
  token,
  purpose,
  host: owner.host,
  pid: owner.pid,
  acquiredAt,
  renewedAt,
});

function held(lease: StoredLease | DamagedLease): PlumbError {
  if (isDamaged(lease)) return heldByUnknown(lease);
  const { name, purpose, owner, acquiredAt } = lease;
  const messageOf = (who: string): string =>
    `${who} has been ${purpose} since ${acquiredAt}: try again when it is done`;
  const { host, pid, ...details } = holderOf(lease);
  return new PlumbError('CONFLICT', messageOf(`process ${owner.pid} on ${owner.host}`), {
    details: { lease: name, ...details },
    privateDetails: { host, pid },
    publicMessage: messageOf('another process'),
  });
}

const heldByUnknown = ({ name, token }: DamagedLease): PlumbError =>
  new PlumbError('CONFLICT', `somebody writes the lease ${name}, though it is damaged: try again in a moment`, {
    details: { lease: name, token },
  });
