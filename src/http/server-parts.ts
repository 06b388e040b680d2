// What a server answers with, put together from opened stores and the jobs.
import type { Gate } from '../access/gate.ts';
import { createReports } from '../audit/reports.ts';
import { createErasures } from '../erasure/erasures.ts';
import type { EventLog } from '../ingest/event-log.ts';
import { createPush } from '../ingest/push/push.ts';
import type { Explaining } from '../jobs/explanations.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { type BindingPorts, createBindings } from '../materialize/bound/bindings.ts';
import { heldViews } from '../materialize/bound/held-views.ts';
import { createRunRecords } from '../materialize/run-records.ts';
import { status } from '../materialize/status.ts';
import { requireFresh } from '../materialize/streams/require-fresh.ts';
import { waitApplied } from '../materialize/streams/wait-applied.ts';
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
    | 'bindings'
    | 'jobs'
    | 'explaining'
    | 'erasures'
    | 'push'
    | 'waitApplied'
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
  readonly explaining: Explaining;
  readonly logger: ErrorLogger & { info(context: object, message: string): void };
  readonly telemetry: Telemetry;
  readonly leases: Leases;
  /** Opened when the first events come. */
  readonly log: () => Promise<EventLog>;
  readonly looks: BindingPorts['looks'];
  /** How far views may be behind their streams; absent: any. */
  readonly maxLagMillis?: number | undefined;
  /** Of the project file. */
  readonly commands: readonly DeclaredCommand[];
}

/** The code that opened the ports closes them. */
export function createServerParts(ports: ServerPorts): ServerParts {
  const { gate, registry, online, store, jobs, explaining, logger, telemetry, leases, looks, commands, log } = ports;
  const { maxLagMillis } = ports;
  const catalog = freshCatalog(registry, { logger });
  const datasets = new DatasetCatalog(store);
  const lookups = createLookups(catalog, online, { versions: registry, datasets: async () => datasets });
  const held = {
    ...{ store, online },
    catalog: () => catalog.current(),
    version: (version: number) => registry.version(version),
  };
  const heldNow = async () => (await heldViews(held)).held;
  measureFreshness(telemetry, { ...held, log, held: heldNow });
  const metrics = createMetrics(telemetry, { storeNodes: () => online.health() });
  return {
    lookup: counted(lookups, metrics),
    gate,
    ready: async () => {
      await gate.ready();
      await catalog.current();
      await online.ping();
      await store.requirePresent?.();
      if (maxLagMillis !== undefined) await requireFresh({ ...held, log }, maxLagMillis);
    },
    catalog,
    datasets,
    bindings: createBindings({ ...held, datasets, looks }),
    jobs,
    explaining,
    erasures: createErasures(held),
    push: createPush({ catalog: held.catalog, log }),
    waitApplied: (awaited) => waitApplied(held, awaited),
    reports: createReports(store),
    runs: createRunRecords({ store, leases, catalog: () => catalog.current() }),
    schedules: new ScheduleBoard({ commands, store, leases, jobs, catalog: held.catalog, held: heldNow }),
    store,
    metrics,
    viewStatus: () => status({ ...held, leases, log }, false),
  };
}

const counted = (lookups: Lookups, metrics: Metrics): Lookups => ({
  answer: (query, ...rest) => {
    metrics.lookedUp(query.entities.length);
    return lookups.answer(query, ...rest);
  },
});
