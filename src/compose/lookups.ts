// Lookups of one command, as the server has them.

import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { Lookups } from '../http/lookup/lookups.ts';
import { openDatasetCatalog } from './dataset-catalog.ts';
import { openObjectStore, openOnlineStore } from './stores.ts';
import { openVersions } from './versions.ts';

export async function openLookups(config: Config, stack: AsyncDisposableStack, options: OpenOptions): Promise<Lookups> {
  const versions = await openVersions(config, stack, options);
  const store = stack.use(await openObjectStore(config, options));
  const online = stack.use(await openOnlineStore(config, options));
  const [{ freshCatalog }, { createLookups }] = await Promise.all([
    import('../registry/fresh-catalog.ts'),
    import('../http/lookup/lookups.ts'),
  ]);
  const datasets = () => openDatasetCatalog(store);
  return createLookups(freshCatalog(versions, { logger: options.logger }), online, { versions, datasets });
}
