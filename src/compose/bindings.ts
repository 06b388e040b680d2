// Bound training sets, over the storage and the online store that a project file names.
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { BindingPorts, Bindings } from '../materialize/bound/bindings.ts';
import { openSourceInspector } from './source-inspector.ts';
import { type Opening, openObjectStore, openOnlineStore } from './stores.ts';
import { openVersions } from './versions.ts';

export async function openBindings(
  config: Config,
  stack: AsyncDisposableStack,
  options: OpenOptions,
): Promise<Bindings> {
  const [{ createBindings }, { DatasetCatalog }] = await Promise.all([
    import('../materialize/bound/bindings.ts'),
    import('../offline/dataset-catalog.ts'),
  ]);
  const versions = await openVersions(config, stack, options);
  const store = stack.use(await openObjectStore(config, options));
  return createBindings({
    store,
    datasets: new DatasetCatalog(store),
    online: stack.use(await openOnlineStore(config, options)),
    catalog: () => versions.current(),
    version: (version) => versions.version(version),
    looks: sourceLooks(config, stack, options),
  });
}

/** Opened once, when it is first asked for: it loads the engine. */
export function sourceLooks(config: Config, stack: AsyncDisposableStack, options: Opening): BindingPorts['looks'] {
  let opened: ReturnType<BindingPorts['looks']> | null = null;
  return () => (opened ??= openSourceInspector(config, stack, options));
}
