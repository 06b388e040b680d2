// What a server measures of its requests and lookups. By operation, never by path: paths hold names that clients choose.
import type { ErrorCode } from '../../schemas/errors.ts';
import type { StoreNodeHealth } from '../online/online-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** `operation`: an id of the table, or `unrouted`. */
  answered(operation: string, status: number, seconds: number): void;
  lookedUp(entities: number): void;
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
  /** Of the servers behind the online store. */
  readonly storeNodes?: () => readonly StoreNodeHealth[];
}

export function createMetrics(telemetry: Telemetry, { storeNodes = () => [] }: MetricsOptions = {}): Metrics {
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
  const errors = telemetry.counter({
    name: 'plumb_store_errors_total',
    help: 'Answers that failed because a store or the storage did.',
    labelNames: ['code'],
  });
  const ofNodes = (read: (node: StoreNodeHealth) => number) => ({
    labelNames: ['node'],
    collect: () => storeNodes().map((health, node) => ({ labels: { node }, value: read(health) })),
  });
  for (const { read, ...gauge } of OF_NODES) telemetry.gauge({ ...gauge, ...ofNodes(read) });
  telemetry.readCounter({
    name: 'plumb_online_store_breaker_openings_total',
    help: 'How often the circuit breaker opened.',
    ...ofNodes((node) => node.breakerOpenings),
  });
  return {
    contentType: telemetry.exposition.contentType,
    text: () => telemetry.exposition.text(),
    answered: (operation, status, seconds) => requests.observe(seconds, { operation, status }),
    lookedUp: (count) => entities.observe(count),
    failed: (code) => {
      if (STORE_ERRORS.includes(code)) errors.increment({ code });
    },
  };
}

interface OfNode {
  readonly name: string;
  readonly help: string;
  readonly read: (node: StoreNodeHealth) => number;
  readonly ofProcesses: 'sum' | 'min' | 'max';
}

/** By number and not by address: who reads metrics need not know the network. */
const OF_NODES: readonly OfNode[] = [
  {
    name: 'plumb_online_store_connected',
    help: 'Servers of the online store: 1 connected, 0 not.',
    read: (node) => Number(node.isConnected),
    ofProcesses: 'min',
  },
  {
    name: 'plumb_online_store_breaker',
    help: 'Circuit breakers: 0 closed, 1 half open (one call is let through), 2 open (calls are refused at once).',
    read: ({ breaker }) => ({ closed: 0, half_open: 1, open: 2 })[breaker],
    ofProcesses: 'max',
  },
  {
    name: 'plumb_online_store_pending_commands',
    help: 'Commands in flight.',
    read: (node) => node.pendingCommands,
    ofProcesses: 'sum',
  },
];
