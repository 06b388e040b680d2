// What a server answers with, put together from opened stores and a runner of jobs.
import type { Project } from '../../schemas/project.ts';
import type { JobRunner } from '../jobs/job.ts';
import { Jobs } from '../jobs/jobs.ts';
import type { JobsLogger } from '../jobs/live-jobs.ts';
import { status } from '../materialize/status.ts';
import { DatasetCatalog } from '../offline/dataset-catalog.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { type CatalogProvider, freshCatalog } from '../registry/fresh-catalog.ts';
import type { Leases } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { HttpAppParts } from './app.ts';
import type { ErrorLogger } from './errors.ts';
import type { Lookups } from './lookup/lookups.ts';
import { createLookups } from './lookup/lookups.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export interface ServerParts
  extends Pick<HttpAppParts, 'lookup' | 'catalog' | 'datasets' | 'jobs' | 'store' | 'metrics' | 'viewStatus'> {
  /** Rejects with a PlumbError while lookups cannot be served. */
  ready(): Promise<void>;
}

export interface ServerPorts {
  readonly registry: CatalogProvider;
  readonly online: OnlineStore;
  readonly store: ObjectStore;
  readonly runner: JobRunner;
  readonly settings: Pick<Project['server'], 'concurrentJobs' | 'limits'>;
  readonly logger: ErrorLogger & JobsLogger;
  readonly telemetry: Telemetry;
  readonly leases: Leases;
}

/** Whoever opened the ports closes them; the jobs are handed over to be closed first. */
export function createServerParts(ports: ServerPorts): ServerParts {
  const { registry, online, store, runner, settings, logger, telemetry, leases } = ports;
  const onStale = (err: unknown): void =>
    logger.warn({ err }, 'the registry cannot be read; serving the version known');
  const onFresh = (): void => logger.info({}, 'the registry can be read again');
  const catalog = freshCatalog(registry, { onStale, onFresh });
  const lookups = createLookups(catalog, online);
  const metrics = createMetrics(telemetry, {
    activeJobs: () => jobs.active(),
    storeNodes: () => online.health(),
  });
  const jobs = new Jobs({
    store,
    runner,
    concurrentJobs: settings.concurrentJobs,
    queuedJobs: settings.limits.queuedJobs,
    logger,
    onEnded: (job) => metrics.jobEnded(job),
  });
  return {
    lookup: counted(lookups, metrics),
    ready: async () => {
      await catalog.current();
      await online.ping();
      await store.requirePresent?.();
    },
    catalog,
    datasets: new DatasetCatalog(store),
    jobs,
    store,
    metrics,
    viewStatus: () => status({ catalog: () => catalog.current(), store, online, leases }, false),
  };
}

const counted = (lookups: Lookups, metrics: Metrics): Lookups => ({
  answer: (query) => {
    metrics.lookedUp(query.entities.length);
    return lookups.answer(query);
  },
});
