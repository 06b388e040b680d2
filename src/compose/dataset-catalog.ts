// The training sets of a storage, for who only looks some up: loaded when first asked for.
import type { ObjectStore } from '../storage/object-store.ts';

export async function openDatasetCatalog(store: ObjectStore) {
  const { DatasetCatalog } = await import('../offline/dataset-catalog.ts');
  return new DatasetCatalog(store);
}
