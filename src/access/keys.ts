// The keys of a storage, for `plumb key`: made, listed, revoked. Servers read them through key-ring.ts.
import { hash } from 'node:crypto';
import { PlumbError } from '../../schemas/errors.ts';
import { formatInstant, nowMicros, parseInstant } from '../instant.ts';
import { isKeyId, keyIdOf, makeKeyText } from '../key-text.ts';
import { oneOf } from '../nearest.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';
import { KEYS_PREFIX, keyBytes, keyIdOfObject, keyObject, readKey, type StoredKey } from './stored-key.ts';

export type KeyStore = Pick<ObjectStore, 'get' | 'put' | 'putIfAbsent' | 'list'>;

export interface NewKey extends Pick<StoredKey, 'name' | 'role' | 'limitedTo'> {
  /** null: never. */
  readonly expiresAtMicros: bigint | null;
}

export interface KeyListing {
  /** Oldest first. */
  readonly keys: readonly StoredKey[];
  /** Ids of records that cannot be read: servers take such a key for unknown. */
  readonly damaged: readonly string[];
}

/** Servers list them every few seconds: one page of S3. Keys that have ended count until `plumb gc` removes them. */
const MOST_KEYS = 1000;

export class Keys {
  readonly #store: KeyStore;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** Returns the key itself too, which nobody can find out later. */
  async create(wanted: NewKey): Promise<{ readonly text: string; readonly key: StoredKey }> {
    await this.#requireRoom();
    const text = makeKeyText();
    const { expiresAtMicros, ...described } = wanted;
    const key: StoredKey = {
      ...described,
      id: keyIdOf(text),
      digest: hash('sha256', text, 'hex'),
      createdAt: formatInstant(nowMicros()),
      expiresAt: expiresAtMicros === null ? null : formatInstant(expiresAtMicros),
      revokedAt: null,
    };
    if (await this.#store.putIfAbsent(keyObject(key.id), keyBytes(key))) return { text, key };
    throw new PlumbError('CONFLICT', `there is a key ${key.id} already: try again`);
  }

  async list(): Promise<KeyListing> {
    const read = readEach(await this.#ids(), async (id) => ({ id, content: await this.#store.get(keyObject(id)) }));
    const keys: StoredKey[] = [];
    const damaged: string[] = [];
    for await (const { id, content } of read) {
      if (content === null) continue;
      const key = readKey(id, content);
      if (key === null) damaged.push(id);
      else keys.push(key);
    }
    return { keys: keys.toSorted((left, right) => (left.createdAt < right.createdAt ? -1 : 1)), damaged };
  }

  /** One that is revoked already stays as it is. Errors as those of `find`. */
  async revoke(reference: string): Promise<StoredKey> {
    const key = await this.find(reference);
    if (key.revokedAt !== null) return key;
    const revoked = { ...key, revokedAt: formatInstant(nowMicros()) };
    await this.#store.put(keyObject(key.id), keyBytes(revoked));
    return revoked;
  }

  /** `reference`: an id, or the key itself. UNKNOWN_NAME where there is none, STORAGE_CORRUPT where its record is damaged. */
  async find(reference: string): Promise<StoredKey> {
    const id = isKeyId(reference) ? reference : keyIdOf(reference);
    const content = isKeyId(id) ? await this.#store.get(keyObject(id)) : null;
    if (content === null) throw await this.#unknown(id);
    const key = readKey(id, content);
    if (key !== null) return key;
    const message = `the record of the key ${id} is damaged, so no server takes it; remove the object ${keyObject(id)}`;
    throw new PlumbError('STORAGE_CORRUPT', message, { details: { key: keyObject(id) } });
  }

  async #ids(): Promise<readonly string[]> {
    return (await this.#store.list(KEYS_PREFIX)).flatMap(({ key }) => keyIdOfObject(key) ?? []);
  }

  async #requireRoom(): Promise<void> {
    if ((await this.#ids()).length < MOST_KEYS) return;
    const message = `there are ${MOST_KEYS} keys, which is the most; \`plumb gc\` removes those that ended long ago`;
    throw new PlumbError('TOO_LARGE', message, { details: { limit: 'keys', maxKeys: MOST_KEYS } });
  }

  async #unknown(id: string): Promise<PlumbError> {
    const ids = await this.#ids();
    const expected = ids.length === 0 ? 'no key was made yet' : `expected ${oneOf(ids)}`;
    const found = isKeyId(id) ? `found no key ${id}` : 'found no key of that id';
    return new PlumbError('UNKNOWN_NAME', `${found}: ${expected}`, { details: isKeyId(id) ? { key: id } : {} });
  }
}

export type KeyState = 'active' | 'expired' | 'revoked';

export function stateOf(
  { revokedAt, expiresAt }: Pick<StoredKey, 'revokedAt' | 'expiresAt'>,
  atMicros: bigint,
): KeyState {
  if (revokedAt !== null) return 'revoked';
  const ends = expiresAt === null ? null : parseInstant(expiresAt);
  return ends !== null && ends <= atMicros ? 'expired' : 'active';
}
