// What explains the values that a lookup returned, for src/main.ts.
import type { Explainer } from '../audit/explain/explainer.ts';
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import { openEngine } from './engine.ts';
import { openSourceFiles } from './source-files.ts';
import { openObjectStore, openOnlineStore } from './stores.ts';
import { openVersions } from './versions.ts';

export async function openExplainer(
  config: Config,
  stack: AsyncDisposableStack,
  options: OpenOptions,
): Promise<Explainer> {
  const { createExplainer } = await import('../audit/explain/explainer.ts');
  const versions = await openVersions(config, stack, options);
  return createExplainer({
    version: (version) => versions.version(version),
    online: stack.use(await openOnlineStore(config, options)),
    store: stack.use(await openObjectStore(config, options)),
    sourceFiles: await openSourceFiles(config, stack, options),
    engine: await openEngine(config),
    signal: options.signal,
  });
}
