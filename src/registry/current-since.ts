// The versions that somebody may still be working with.
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { parseInstant } from '../instant.ts';
import type { VersionStore } from './version-document.ts';
import { appliedAtOf, REGISTRY_PREFIX, readVersionDocument, versionKey, versionOfKey } from './version-document.ts';

/**
 * Those that were current at some time since then, newest first: the present one, and back to the one of then.
 * NOT_APPLIED where there is none at all.
 */
export async function currentSince(store: VersionStore, micros: bigint): Promise<readonly Catalog[]> {
  const versions = (await store.list(REGISTRY_PREFIX)).flatMap(({ key }) => versionOfKey(key) ?? []);
  const current: Catalog[] = [];
  for (const key of versions.toSorted((left, right) => right - left).map(versionKey)) {
    const bytes = await store.get(key);
    if (bytes === null) continue;
    current.push(readVersionDocument(key, bytes));
    if ((parseInstant(appliedAtOf(key, bytes)) ?? micros) <= micros) break;
  }
  if (current.length > 0) return current;
  throw new PlumbError('NOT_APPLIED', 'nothing is registered yet: run `plumb apply`');
}
