// What a server measures of its requests, lookups and jobs. By operation, never by path: paths hold names that clients choose.
import type { ErrorCode } from '../../schemas/errors.ts';
import type { Job } from '../../schemas/wire-types.ts';
import type { StoreNodeHealth } from '../online/online-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** `operation`: an id of the table, or `unrouted`. */
  answered(operation: string, status: number, seconds: number): void;
  lookedUp(entities: number): void;
  jobEnded(job: Job): void;
  failed(code: ErrorCode): void;
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const ENTITIES = [1, 10, 100, 1000, 10_000];

const STORE_ERRORS: readonly ErrorCode[] = [
  'STORE_UNAVAILABLE',
  'STORAGE_UNAVAILABLE',
  'STORAGE_CORRUPT',
  'RESOURCE_EXHAUSTED',
];

export interface MetricsOptions {
  readonly activeJobs: () => readonly Job[];
  /** Of the servers behind the online store. */
  readonly storeNodes?: () => readonly StoreNodeHealth[];
}

export function createMetrics(telemetry: Telemetry, { activeJobs, storeNodes = () => [] }: MetricsOptions): Metrics {
  const requests = telemetry.histogram({
    name: 'plumb_http_request_duration_seconds',
    help: 'Requests by operation and status: from their head to the head of the answer.',
    labelNames: ['operation', 'status'],
    buckets: SECONDS,
  });
  const entities = telemetry.histogram({
    name: 'plumb_lookup_entities',
    help: 'Entities per lookup.',
    buckets: ENTITIES,
  });
  const ended = telemetry.counter({
    name: 'plumb_jobs_ended_total',
    help: 'Jobs of this server that ended.',
    labelNames: ['kind', 'status'],
  });
  const errors = telemetry.counter({
    name: 'plumb_store_errors_total',
    help: 'Answers that failed because a store or the storage did.',
    labelNames: ['code'],
  });
  telemetry.gauge({
    name: 'plumb_jobs',
    help: 'Jobs of this server that wait or run.',
    labelNames: ['kind', 'status'],
    collect: () => jobSamples(activeJobs()),
  });
  for (const [name, help, read] of OF_NODES) {
    const collect = () => storeNodes().map((health, node) => ({ labels: { node }, value: read(health) }));
    telemetry.gauge({ name, help, labelNames: ['node'], collect });
  }
  return {
    contentType: telemetry.exposition.contentType,
    text: () => telemetry.exposition.text(),
    answered: (operation, status, seconds) => requests.observe(seconds, { operation, status }),
    lookedUp: (count) => entities.observe(count),
    jobEnded: ({ kind, status }) => ended.increment({ kind, status }),
    failed: (code) => {
      if (STORE_ERRORS.includes(code)) errors.increment({ code });
    },
  };
}

const jobSamples = (jobs: readonly Job[]) =>
  (['dataset', 'materialization'] as const).flatMap((kind) =>
    (['queued', 'running'] as const).map((status) => {
      const value = jobs.filter((job) => job.kind === kind && job.status === status).length;
      return { labels: { kind, status }, value };
    }),
  );

type OfNode = readonly [name: string, help: string, read: (node: StoreNodeHealth) => number];

/** By number and not by address: who reads metrics need not know the network. */
const OF_NODES: readonly OfNode[] = [
  [
    'plumb_online_store_connected',
    'Servers of the online store: 1 connected, 0 not.',
    (node) => Number(node.isConnected),
  ],
  [
    'plumb_online_store_breaker',
    'Circuit breakers: 0 closed, 1 half open (one call is let through), 2 open (calls are refused at once).',
    ({ breaker }) => ({ closed: 0, half_open: 1, open: 2 })[breaker],
  ],
  ['plumb_online_store_breaker_openings', 'How often the circuit breaker opened.', (node) => node.breakerOpenings],
  ['plumb_online_store_pending_commands', 'Commands in flight.', (node) => node.pendingCommands],
];
