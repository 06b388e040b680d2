// A lease that this process holds: renewed by a timer until it is given back or lost.
import { PlumbError } from '../../../schemas/errors.ts';
import { formatInstant, nowMicros } from '../../instant.ts';
import type { Lease } from './lease.ts';
import type { LeaseStore } from './lease-object.ts';
import { LEASES_PREFIX, type LeaseObject, leaseBytes, leaseKey, listTokens } from './lease-object.ts';

const RENEWALS_PER_TERM = 10;

export interface LeasePlace {
  readonly store: LeaseStore;
  readonly name: string;
  readonly token: number;
  /** Nobody takes the next token, so the object may go with the lease. */
  readonly once: boolean;
}

export class HeldLease implements Lease {
  readonly #place: LeasePlace;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #object: LeaseObject;
  /** When the last renewal that was written was begun, by this process's own clock. */
  #renewedAtMillis: number;
  #renewing: Promise<void> | null = null;

  /** `object` was written, by a put that was begun at `writtenAtMillis`. */
  constructor(place: LeasePlace, object: LeaseObject, writtenAtMillis: number) {
    this.#place = place;
    this.#object = object;
    this.#renewedAtMillis = writtenAtMillis;
    // A renewal that fails is tried again by the next one; only a whole term without any loses the lease.
    const renew = (): void => {
      this.#loseWhereOverdue(); // a renewal may still be on its way
      this.#renew().catch(() => undefined);
    };
    this.#timer = setInterval(renew, object.termMillis / RENEWALS_PER_TERM).unref();
  }

  get name(): string {
    return this.#place.name;
  }

  get token(): number {
    return this.#place.token;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  async assertHeld(): Promise<void> {
    this.#loseWhereOverdue();
    this.signal.throwIfAborted();
    await this.#renewing?.catch(() => undefined); // its look at the tokens may be older than this call
    await this.#renew();
    this.signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing?.catch(() => undefined);
    if (this.signal.aborted && !this.#place.once) return; // it is another holder's
    // Where that fails, it is free when the term is over.
    await this.#release().catch(() => undefined);
  }

  #release(): Promise<void> {
    if (this.#place.once) return this.#place.store.delete([this.#key]);
    return this.#place.store.put(this.#key, leaseBytes({ ...this.#object, released: true }));
  }

  get #key(): string {
    return leaseKey(this.name, this.token);
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#writeRenewal().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #writeRenewal(): Promise<void> {
    this.#loseWhereOverdue();
    if (this.signal.aborted) return;
    const begunAtMillis = performance.now();
    const renewedAt = formatInstant(nowMicros());
    const next = { ...this.#object, renewedAt, renewals: this.#object.renewals + 1 };
    await this.#place.store.put(this.#key, leaseBytes(next));
    this.#object = next;
    this.#renewedAtMillis = begunAtMillis;
    const tokens = (await listTokens(this.#place.store, `${LEASES_PREFIX}${this.name}/`)).get(this.name) ?? [];
    if (tokens.some((token) => token > this.token)) this.#lose('somebody else took it over');
  }

  #loseWhereOverdue(): void {
    const silentMillis = performance.now() - this.#renewedAtMillis;
    if (silentMillis < this.#object.termMillis) return;
    this.#lose(`it could not be renewed for ${(silentMillis / 1000).toFixed(1)} s`);
  }

  #lose(why: string): void {
    if (this.signal.aborted) return;
    clearInterval(this.#timer);
    const message = `the lease ${this.name} was lost while ${this.#object.purpose}: ${why}. Nothing was committed since; try again`;
    this.#lost.abort(new PlumbError('CONFLICT', message, { details: { lease: this.name, token: this.token } }));
  }
}
