// Who asks, once that is known: what the key may do, and what an operation has to ask about it that only its handler knows.
import { PlumbError } from '../../schemas/errors.ts';
import { includesRole, type KeyAccess, type Role } from '../../schemas/roles.ts';
import { oneOf } from '../nearest.ts';
import { quote, shorten } from '../quote.ts';
import type { KeyLimits, StoredKey } from './stored-key.ts';

/** Each method throws FORBIDDEN, with what is lacking. */
export interface Caller {
  /** null: whoever reaches a server that asks for no keys. */
  readonly keyId: string | null;
  /** To some services or sources. */
  readonly isLimited: boolean;
  /** What the request is about; null: features that it names one by one. */
  requireService(name: string | null): void;
  requireSource(name: string): void;
  /** A training set is of a service; null: there is none of that name, which a limited key is told in the same words. */
  requireDataset(name: string, service: string | null): void;
  /** For what only some requests of an operation need. */
  requireAccess(access: KeyAccess): void;
  /** `isOfService`: whether a service that the caller may use reads the view. */
  requireView(name: string, isOfService: boolean): void;
}

const allows = (): void => {};

export const ANYBODY: Caller = {
  keyId: null,
  isLimited: false,
  requireService: allows,
  requireSource: allows,
  requireDataset: allows,
  requireAccess: allows,
  requireView: allows,
};

export class KeyHolder implements Caller {
  readonly keyId: string;
  readonly #role: Role;
  readonly #limitedTo: KeyLimits | null;

  constructor({ id, role, limitedTo }: Pick<StoredKey, 'id' | 'role' | 'limitedTo'>) {
    this.keyId = id;
    this.#role = role;
    this.#limitedTo = limitedTo;
  }

  get isLimited(): boolean {
    return this.#limitedTo !== null;
  }

  requireService(name: string | null): void {
    if (this.#limitedTo === null) return;
    if (name === null) throw this.#lacks('a request by service', { service: null });
    if (!this.#limitedTo.services.includes(name))
      throw this.#lacks(`the service ${quote(name)}`, { service: shorten(name) });
  }

  requireSource(name: string): void {
    if (this.#limitedTo === null || this.#limitedTo.sources.includes(name)) return;
    throw this.#lacks(`the source ${quote(name)}`, { source: shorten(name) });
  }

  requireDataset(name: string, service: string | null): void {
    if (this.#limitedTo === null || (service !== null && this.#limitedTo.services.includes(service))) return;
    throw this.#lacks(`the training set ${quote(name)} to be of such a service`, { dataset: shorten(name) });
  }

  requireView(name: string, isOfService: boolean): void {
    if (this.#limitedTo === null || isOfService) return;
    throw this.#lacks(`a view of that service, not ${quote(name)}`, { view: shorten(name) });
  }

  requireAccess({ role, about }: KeyAccess): void {
    if (!includesRole(this.#role, role)) throw this.#lacks(`the role ${role}`, { role });
    if (about === 'project' && this.#limitedTo !== null) throw this.#lacks('a key without limits', { limits: 'none' });
  }

  /** `needed`: what this request asks for. */
  #lacks(needed: string, lacking: Readonly<Record<string, unknown>>): PlumbError {
    const limits = this.#limitedTo === null ? '' : `, limited to ${limitsText(this.#limitedTo)}`;
    const message = `the key ${this.keyId} has the role ${this.#role}${limits}; this needs ${needed}`;
    return new PlumbError('FORBIDDEN', message, { details: { key: this.keyId, lacking } });
  }
}

export const limitsText = ({ services, sources }: KeyLimits): string =>
  [namesText('service', services), namesText('source', sources)].filter((text) => text !== '').join(' and ') ||
  'nothing';

const namesText = (kind: string, names: readonly string[]): string =>
  names.length === 0
    ? ''
    : `${names.length === 1 ? `the ${kind}` : `${kind}s`} ${oneOf(names).replace(/ or (?=\S+$)/, ' and ')}`;
