// The HTTP surface: one hono app over injected ports; one file per resource under routes/, one row per operation in
// schemas/operations.ts. Knows no engine and no process: server.ts listens, the composition root plugs in what answers.
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Duty } from '../../schemas/duties.ts';
import { ChangeLog } from '../access/change-log.ts';
import type { Gate } from '../access/gate.ts';
import type { Reports } from '../audit/reports.ts';
import type { Erasures } from '../erasure/erasure.ts';
import type { Push } from '../ingest/push/push.ts';
import type { Explaining } from '../jobs/explanations.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { Bindings } from '../materialize/bound/bindings.ts';
import type { RunRecords } from '../materialize/run-records.ts';
import type { DatasetCatalog } from '../offline/dataset-catalog.ts';
import type { CatalogProvider } from '../registry/fresh-catalog.ts';
import type { ScheduleBoard } from '../schedule/schedule-board.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { answerError, answerUnrouted, type ErrorLogger } from './errors.ts';
import type { HttpLimits } from './limits.ts';
import { lookupRoutes } from './lookup/lookup-route.ts';
import type { Lookups } from './lookup/lookups.ts';
import type { Metrics } from './metrics.ts';
import { mount } from './mount.ts';
import { aboutRoutes } from './routes/about.ts';
import { bindingRoutes } from './routes/bindings.ts';
import { datasetPartRoutes } from './routes/dataset-parts.ts';
import { datasetRoutes } from './routes/datasets.ts';
import { erasureRoutes } from './routes/erasures.ts';
import { type EventPorts, eventRoutes } from './routes/events.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { materializationRoutes } from './routes/materializations.ts';
import { registryRoutes } from './routes/registry.ts';
import { reportRoutes } from './routes/reports.ts';
import { runRoutes } from './routes/runs.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { type StatusPorts, statusRoutes } from './routes/status.ts';

export interface HttpAppParts {
  readonly gate: Gate;
  readonly lookup: Lookups;
  readonly catalog: CatalogProvider;
  readonly datasets: DatasetCatalog;
  readonly bindings: Bindings;
  readonly jobs: JobQueue;
  readonly explaining: Explaining;
  readonly erasures: Erasures;
  readonly push: Push;
  readonly waitApplied: EventPorts['waitApplied'];
  readonly runs: RunRecords;
  readonly schedules: ScheduleBoard;
  readonly reports: Reports;
  /** Of datasets, and of uploads on their way to a job. */
  readonly store: ObjectStore;
  readonly viewStatus: StatusPorts['viewStatus'];
  readonly readiness: Readiness;
  readonly limits: HttpLimits;
  /** Absolute paths. */
  readonly labelRoots: readonly string[];
  /** `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly duties: readonly Duty[];
  readonly metrics: Metrics;
  readonly logger: ErrorLogger;
}

export function createHttpApp(parts: HttpAppParts): Hono {
  const { metrics } = parts;
  const app = new Hono();
  app.onError((error, context) => answerError(context, error, parts));
  app.notFound((context) => {
    const response = answerUnrouted(context, app.routes);
    metrics.answered('unrouted', response.status, 0);
    return response;
  });
  // Only where asked for: with it every request walks a chain of middleware.
  if (parts.corsOrigins.length > 0) app.use(corsFor(parts.corsOrigins));
  const routes = [
    lookupRoutes(parts),
    datasetRoutes(parts),
    bindingRoutes(parts.bindings),
    datasetPartRoutes(parts.datasets, parts.store),
    materializationRoutes(parts),
    erasureRoutes(parts),
    eventRoutes(parts),
    jobRoutes(parts.jobs),
    runRoutes(parts.runs),
    scheduleRoutes(parts.schedules),
    reportRoutes(parts.reports),
    statusRoutes(parts),
    registryRoutes(parts.catalog),
    healthRoutes(parts.readiness),
    aboutRoutes(metrics, parts.gate.asksForKeys),
  ];
  const ports = { ...parts, changes: new ChangeLog(parts.store) };
  for (const one of routes) mount(app, one, ports);
  return app;
}

const corsFor = (origins: readonly string[]) =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposeHeaders: [
      'Retry-After',
      'Location',
      'ETag',
      'Content-Range',
      'Accept-Ranges',
      'Content-Length',
      'X-Request-Id',
      'WWW-Authenticate',
    ],
    maxAge: 600,
  });
