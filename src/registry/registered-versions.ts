// The registered versions of a project, for whoever reads them; registry.ts writes them.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { isStorageAbsent } from '../storage/storage-absent.ts';
import {
  REGISTRY_PREFIX,
  readVersionDocument,
  type VersionStore,
  versionKey,
  versionOfKey,
} from './version-document.ts';

export class RegisteredVersions {
  readonly #store: Pick<VersionStore, 'get' | 'list'>;
  readonly #project: string;
  /** Versions never change, so one that was read is kept. */
  readonly #known = new Map<number, Catalog>();

  constructor(store: Pick<VersionStore, 'get' | 'list'>, project: string) {
    this.#store = store;
    this.#project = project;
  }

  /** 0 where nothing is registered. */
  async newest(): Promise<number> {
    const objects = await this.#store.list(REGISTRY_PREFIX);
    return objects.reduce((newest, { key }) => Math.max(newest, versionOfKey(key) ?? 0), 0);
  }

  /** The newest version; NOT_APPLIED where there is none. */
  async current(): Promise<Catalog> {
    const newest = await this.newest().catch(unlessAbsent);
    if (newest > 0) return await this.version(newest);
    const message = `project ${this.#project} has no registered version yet: run \`plumb apply\``;
    throw new PlumbError('NOT_APPLIED', message);
  }

  /** UNKNOWN_NAME where there is no such version. */
  async version(version: number): Promise<Catalog> {
    const known = this.#known.get(version);
    if (known !== undefined) return known;
    const key = versionKey(version);
    const bytes = await this.#store.get(key);
    if (bytes === null)
      throw new PlumbError('UNKNOWN_NAME', `there is no registered version ${version}`, { details: { version } });
    const catalog = readVersionDocument(key, bytes);
    this.#known.set(version, catalog);
    return catalog;
  }
}

function unlessAbsent(error: unknown): never {
  if (!isStorageAbsent(error)) throw error;
  const { message, publicMessage } = error;
  throw new PlumbError('NOT_APPLIED', message, { publicMessage });
}
