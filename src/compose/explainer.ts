// What explains the values that a lookup returned, for src/main.ts.
import type { Explainer } from '../audit/explain/explainer.ts';
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { openEngine } from './engine.ts';
import { openErasureRecords } from './erasures.ts';
import { openSourceFiles } from './source-files.ts';
import { openObjectStore, openOnlineStore } from './stores.ts';
import { openVersions } from './versions.ts';

export async function openExplainer(
  config: Config,
  stack: AsyncDisposableStack,
  { online, ...options }: OpenOptions & { readonly online?: OnlineStore },
): Promise<Explainer> {
  const { createExplainer } = await import('../audit/explain/explainer.ts');
  const versions = await openVersions(config, stack, options);
  const records = await openErasureRecords(config, stack, options);
  return createExplainer({
    version: async (version) => records.attached(await versions.version(version)),
    online: online ?? stack.use(await openOnlineStore(config, options)),
    store: stack.use(await openObjectStore(config, options)),
    sourceFiles: await openSourceFiles(config, stack, options),
    engine: await openEngine(config),
    signal: options.signal,
  });
}
