// What the tests of the HTTP surface put in where they ask for something else: a catalog without anything, a runner that no
// test has supplied.

import { PlumbError } from '../../schemas/errors.ts';
import { OPEN_GATE } from '../../src/access/gate.ts';
import { createReports } from '../../src/audit/reports.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createErasures } from '../../src/erasure/erasures.ts';
import type { HttpAppParts } from '../../src/http/app.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import type { JobRunner } from '../../src/jobs/job.ts';
import { Jobs } from '../../src/jobs/jobs.ts';
import { createRunRecords } from '../../src/materialize/run-records.ts';
import { DatasetCatalog } from '../../src/offline/dataset-catalog.ts';
import { ScheduleBoard } from '../../src/schedule/schedule-board.ts';
import { StorageLeases } from '../../src/storage/leases/storage-leases.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { createPrometheusTelemetry } from '../../src/telemetry/prometheus/prometheus-telemetry.ts';
import { grantAll } from './fake-leases.ts';

export const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
export const LIMITS = {
  ...{ bodyBytes: 1000, entitiesPerRequest: 3, eventsPerRequest: 3, queuedJobs: 2 },
  ...{ labelRows: 4, labelBytes: 1000, labelColumns: 4, labelDepth: 3 },
  ...{ uploadedLabelRows: 100, labelDecompressedBytes: 10_000 },
};

const EMPTY: Catalog = {
  ...{ project: 'p', version: 1 },
  ...{ entities: new Map(), sources: new Map(), views: new Map(), services: new Map() },
};

const noRunner: JobRunner = { run: () => Promise.reject(new PlumbError('INTERNAL', 'the test supplies no runner')) };

const noBindings = () => Promise.reject(new PlumbError('INTERNAL', 'the test supplies no bindings'));

export function fakeParts(store: ObjectStore, catalog: Catalog = EMPTY, runner: JobRunner = noRunner) {
  const jobs = new Jobs({ store, runner, concurrentJobs: 1, queuedJobs: LIMITS.queuedJobs, logger: SILENT });
  return {
    gate: OPEN_GATE,
    lookup: { answer: () => Promise.reject(new PlumbError('INTERNAL', 'the test supplies no lookup')) },
    catalog: { current: async () => catalog },
    datasets: new DatasetCatalog(store),
    bindings: { bind: noBindings, retire: noBindings },
    schedules: new ScheduleBoard({
      ...{ store, jobs, commands: [], held: async () => [] },
      leases: new StorageLeases({ store, termMillis: 1000 }),
      catalog: async () => catalog,
    }),
    erasures: createErasures({ store, catalog: async () => catalog, version: async () => catalog }),
    push: { push: () => Promise.reject(new PlumbError('INTERNAL', 'the test supplies no push')) },
    waitApplied: async () => false,
    reports: createReports(store),
    runs: createRunRecords({ store, leases: grantAll, catalog: async () => catalog }),
    ...{ jobs, store, limits: LIMITS, logger: SILENT },
    explaining: { explain: () => Promise.reject(new PlumbError('INTERNAL', 'the test supplies no explanations')) },
    viewStatus: async () => [],
    labelRoots: [],
    corsOrigins: [],
    duties: ['lookup', 'jobs'],
    metrics: createMetrics(createPrometheusTelemetry({ ofProcess: false })),
  } satisfies Omit<HttpAppParts, 'readiness'>;
}
