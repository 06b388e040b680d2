// What a server answers with, put together from opened stores and the jobs.
import type { Gate } from '../access/gate.ts';
import { createReports } from '../audit/reports.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { createRunRecords } from '../materialize/run-records.ts';
import { status } from '../materialize/status.ts';
import { DatasetCatalog } from '../offline/dataset-catalog.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { freshCatalog } from '../registry/fresh-catalog.ts';
import type { RegisteredVersions } from '../registry/registered-versions.ts';
import { measureFreshness } from '../schedule/freshness-metrics.ts';
import { ScheduleBoard } from '../schedule/schedule-board.ts';
import type { DeclaredCommand } from '../schedule/schedules.ts';
import type { Leases } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { HttpAppParts } from './app.ts';
import type { ErrorLogger } from './errors.ts';
import type { Lookups } from './lookup/lookups.ts';
import { createLookups } from './lookup/lookups.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export interface ServerParts
  extends Pick<
    HttpAppParts,
    | 'gate'
    | 'lookup'
    | 'catalog'
    | 'datasets'
    | 'jobs'
    | 'runs'
    | 'schedules'
    | 'reports'
    | 'store'
    | 'metrics'
    | 'viewStatus'
  > {
  /** Rejects with a PlumbError while lookups cannot be served. */
  ready(): Promise<void>;
}

export interface ServerPorts {
  readonly gate: Gate;
  readonly registry: Pick<RegisteredVersions, 'current' | 'version'>;
  readonly online: OnlineStore;
  readonly store: ObjectStore;
  readonly jobs: JobQueue;
  readonly logger: ErrorLogger & { info(context: object, message: string): void };
  readonly telemetry: Telemetry;
  readonly leases: Leases;
  /** Of the project file. */
  readonly commands: readonly DeclaredCommand[];
}

/** The code that opened the ports closes them. */
export function createServerParts(ports: ServerPorts): ServerParts {
  const { gate, registry, online, store, jobs, logger, telemetry, leases, commands } = ports;
  const catalog = freshCatalog(registry, { logger });
  const datasets = new DatasetCatalog(store);
  const lookups = createLookups(catalog, online, { versions: registry, datasets: async () => datasets });
  measureFreshness(telemetry, { catalog: () => catalog.current(), online });
  const metrics = createMetrics(telemetry, { storeNodes: () => online.health() });
  return {
    lookup: counted(lookups, metrics),
    gate,
    ready: async () => {
      await gate.ready();
      await catalog.current();
      await online.ping();
      await store.requirePresent?.();
    },
    catalog,
    datasets,
    jobs,
    reports: createReports(store),
    runs: createRunRecords({ store, leases, catalog: () => catalog.current() }),
    schedules: new ScheduleBoard({ commands, store, leases, jobs, catalog: () => catalog.current() }),
    store,
    metrics,
    viewStatus: () => status({ catalog: () => catalog.current(), store, online, leases }, false),
  };
}

const counted = (lookups: Lookups, metrics: Metrics): Lookups => ({
  answer: (query, ...rest) => {
    metrics.lookedUp(query.entities.length);
    return lookups.answer(query, ...rest);
  },
});
