// What removes what nobody needs any more, for src/main.ts.
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { Collector } from '../retention/collector.ts';
import { openLeases } from './leases.ts';
import { openObjectStore, openOnlineStore } from './stores.ts';

export async function openCollector(
  config: Config,
  stack: AsyncDisposableStack,
  options: OpenOptions,
): Promise<Collector> {
  const { createCollector } = await import('../retention/gc.ts');
  return createCollector({
    store: stack.use(await openObjectStore(config, { logger: options.logger })),
    online: stack.use(await openOnlineStore(config, options)),
    leases: await openLeases(config, stack, options),
    policy: config.retention,
    signal: options.signal,
  });
}
