// The keys that a server takes, read again every two seconds, so that a key which is made, revoked or removed is known to all
// servers of a storage soon. While the storage is away, those that were read last are taken for a while; then none is.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { KeyAccess } from '../../schemas/roles.ts';
import { parseInstant } from '../instant.ts';
import { soonOr } from '../soon-or.ts';
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';
import { type Caller, KeyHolder } from './caller.ts';
import type { Gate } from './gate.ts';
import { findKey, type KnownKey } from './presented-key.ts';
import { KEYS_PREFIX, keyIdOfObject, readKey } from './stored-key.ts';

export interface KeyRingOptions {
  readonly store: Pick<ObjectStore, 'list' | 'get'>;
  /** How long keys are taken that could not be read again. */
  readonly staleMillis: number;
  readonly logger: KeyRingLogger;
  readonly everyMillis?: number;
}

export interface KeyRingLogger {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
}

interface ReadObject {
  readonly identity: string;
  /** null: damaged. */
  readonly key: KnownKey | null;
}

const KEYS_READ_EVERY_MILLIS = 2000;
const FIRST_READ_MILLIS = 2000;

export class KeyRing implements Gate, AsyncDisposable {
  readonly asksForKeys = true;
  readonly #options: KeyRingOptions;
  readonly #stop = new AbortController();
  readonly #firstRead = Promise.withResolvers<void>();
  #objects: ReadonlyMap<string, ReadObject> = new Map();
  #keys: ReadonlyMap<string, KnownKey> | null = null;
  /** When the reading began that gave them; of the monotonic clock. */
  #readAtMillis = Number.NEGATIVE_INFINITY;
  #toldReason: string | null = null;

  constructor(options: KeyRingOptions) {
    this.#options = options;
    void this.#readAgainAndAgain();
  }

  admit(authorization: string | undefined, access: KeyAccess): Caller {
    const keys = this.#keys;
    if (keys === null || performance.now() - this.#readAtMillis > this.#options.staleMillis) throw this.#away();
    const { holder } = findKey(keys, authorization, Date.now());
    holder.requireAccess(access);
    return holder;
  }

  async ready(): Promise<void> {
    if (this.#keys === null) await soonOr(this.#firstRead.promise, undefined, FIRST_READ_MILLIS);
    if (performance.now() - this.#readAtMillis > this.#options.staleMillis) throw this.#away();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
  }

  #away(): PlumbError {
    const message =
      this.#keys === null
        ? 'the keys could not be read so far: the storage does not answer'
        : 'the keys could not be read for too long (server.staleKeysMillis): the storage does not answer';
    return new PlumbError('STORAGE_UNAVAILABLE', message);
  }

  async #readAgainAndAgain(): Promise<void> {
    const { signal } = this.#stop;
    const { everyMillis = KEYS_READ_EVERY_MILLIS } = this.#options;
    while (!signal.aborted) {
      await this.#read().catch((error: unknown) => this.#failed(error));
      await sleep(everyMillis, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #read(): Promise<void> {
    const startedMillis = performance.now();
    const listed = (await this.#options.store.list(KEYS_PREFIX)).filter(({ key }) => keyIdOfObject(key) !== null);
    const read = readEach(listed, async (object) => ({ at: object.key, found: await this.#readObject(object) }));
    const objects = new Map<string, ReadObject>();
    for await (const { at, found } of read) if (found !== null) objects.set(at, found);
    const keys = [...objects.values()].flatMap(({ key }) => key ?? []);
    if (this.#keys === null && keys.length === 0)
      this.#options.logger.warn({}, 'nobody has a key yet: make one with `plumb key create`');
    this.#objects = objects;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#readAtMillis = startedMillis;
    this.#firstRead.resolve();
    if (this.#toldReason !== null) this.#options.logger.info({}, 'the keys can be read again');
    this.#toldReason = null;
  }

  /** Only what changed is read. null: it is gone meanwhile. */
  async #readObject({ key: object, identity }: ObjectInfo): Promise<ReadObject | null> {
    const known = this.#objects.get(object);
    if (known?.identity === identity) return known;
    const content = await this.#options.store.get(object);
    if (content === null) return null;
    const stored = readKey(keyIdOfObject(object) ?? '', content);
    if (stored === null) {
      this.#options.logger.warn({ object }, 'the record of a key is damaged: the key is taken for unknown');
      return { identity, key: null };
    }
    const { id, digest, revokedAt } = stored;
    const expiresAtMillis = millisOf(stored.expiresAt);
    return { identity, key: { id, digest, revokedAt, expiresAtMillis, holder: new KeyHolder(stored) } };
  }

  /** Once for each reason. */
  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason !== this.#toldReason)
      this.#options.logger.warn({ err: error }, 'the keys cannot be read; those known are taken for now');
    this.#toldReason = reason;
  }
}

const millisOf = (instant: string | null): number =>
  instant === null ? Number.POSITIVE_INFINITY : Number((parseInstant(instant) ?? 0n) / 1000n);
