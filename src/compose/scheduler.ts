// The scheduler of a server, over its storage.
import type { Config } from '../config/config.ts';
import type { Logger } from '../config/logger.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { CatalogProvider } from '../registry/fresh-catalog.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { openLeases } from './leases.ts';
import { openObjectStore } from './stores.ts';

interface SchedulerPorts {
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly registry: CatalogProvider;
  readonly online: OnlineStore;
  readonly jobs: JobQueue;
}

/** Beside the queue of jobs: closed before it, so that another server leads before this one takes no jobs any more. */
export async function openScheduler(config: Config, stack: AsyncDisposableStack, ports: SchedulerPorts): Promise<void> {
  const [{ openScheduler: open }, { freshCatalog }] = await Promise.all([
    import('../schedule/open-scheduler.ts'),
    import('../registry/fresh-catalog.ts'),
  ]);
  const { logger, registry } = ports;
  const store = stack.use(await openObjectStore(config, { logger }));
  const leases = await openLeases(config, stack, { logger });
  const versions = freshCatalog(registry);
  stack.use(open({ ...ports, config, store, leases, catalog: () => versions.current() }));
}
