// Stores in an empty local folder that nobody else sees, for a verification. Rows of a view are many, so they lie in files and
// not in memory.
import { join } from 'node:path';
import type { PrivateStores } from '../audit/serving-path.ts';
import type { Config } from '../config/config.ts';
import { LmdbOnlineStore } from '../online/lmdb/lmdb-online-store.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { StorageLeases } from '../storage/leases/storage-leases.ts';
import { opened } from './stores.ts';

export const openPrivateStores = (
  { project, leaseTermMillis }: Config,
  folder: string,
): Promise<PrivateStores & AsyncDisposable> =>
  opened(async (stack) => {
    const store = stack.use(new FileObjectStore({ root: join(folder, 'storage'), mayCreate: true }));
    const leases = new StorageLeases({ store, termMillis: leaseTermMillis });
    return { store, leases, online: stack.use(await LmdbOnlineStore.open(join(folder, 'online'), project)) };
  });
