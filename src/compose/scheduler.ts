// The scheduler of a server, over its storage.
import type { Config } from '../config/config.ts';
import type { Logger } from '../config/logger.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { CatalogProvider } from '../registry/fresh-catalog.ts';
import type { RegisteredVersions } from '../registry/registered-versions.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { openLeases } from './leases.ts';
import { openObjectStore } from './stores.ts';

interface SchedulerPorts {
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly registry: CatalogProvider & Pick<RegisteredVersions, 'version'>;
  readonly online: OnlineStore;
  readonly jobs: JobQueue;
}

/** Beside the queue of jobs: closed before it, so that another server leads before this one takes no jobs any more. */
export async function openScheduler(config: Config, stack: AsyncDisposableStack, ports: SchedulerPorts): Promise<void> {
  const [{ openScheduler: open }, { heldViews }, { freshCatalog }] = await Promise.all([
    import('../schedule/open-scheduler.ts'),
    import('../materialize/bound/held-views.ts'),
    import('../registry/fresh-catalog.ts'),
  ]);
  const { logger, registry, online } = ports;
  const store = stack.use(await openObjectStore(config, { logger }));
  const leases = await openLeases(config, stack, { logger });
  const versions = freshCatalog(registry);
  const catalog = () => versions.current();
  const version = (number: number) => registry.version(number);
  const held = async () => (await heldViews({ store, online, catalog, version })).held;
  stack.use(open({ ...ports, config, store, leases, catalog, held }));
}
