// Leases in the storage that a project file names.
import type { Config } from '../config/config.ts';
import type { Leases } from '../storage/leases/lease.ts';
import { type Opening, openObjectStore } from './stores.ts';

/** Without the signal: a lease is given back by work that was cancelled, too. */
export async function openLeases(
  config: Config,
  stack: AsyncDisposableStack,
  { signal: _, ...options }: Opening,
): Promise<Leases> {
  const { StorageLeases } = await import('../storage/leases/storage-leases.ts');
  const store = stack.use(await openObjectStore(config, options));
  return new StorageLeases({ store, termMillis: config.leaseTermMillis });
}
