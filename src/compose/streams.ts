// What applies events, for src/main.ts: here, or in a process of its own.
import { fork } from 'node:child_process';
import type { Config } from '../config/config.ts';
import type { Logger } from '../config/logger.ts';
import type { TrimPorts } from '../ingest/retention/trim-log.ts';
import type { ObservedSources } from '../materialize/streams/observed-freshness.ts';
import type { Streams } from '../materialize/streams/streams.ts';
import type { TrimmingPorts } from '../materialize/streams/trimming.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { CatalogProvider } from '../registry/fresh-catalog.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { engineLimits } from './engine.ts';
import { openErasureRecords } from './erasures.ts';
import { lazyEventLog, logRetention } from './event-log.ts';
import { openLake } from './lake.ts';
import { openLeases } from './leases.ts';
import { openSourceFiles } from './source-files.ts';
import { openObjectStore } from './stores.ts';
import { openVersions } from './versions.ts';

/** What one session of the engine for micro-batches may take. */
export const EVENT_ENGINE_BYTES = 512 * 1024 * 1024;
/** And one that reads history and lake; the rest is spilled. */
export const FILL_BYTES = 2 * 1024 * 1024 * 1024;

export async function openStreams(
  config: Config,
  stack: AsyncDisposableStack,
  { online, logger }: { readonly online: OnlineStore; readonly logger: Logger },
): Promise<Streams> {
  const [{ serveStreams }, { ObservedFreshness }, { keepLake }, { settle }, { freshCatalog }] = await Promise.all([
    import('../materialize/streams/stream-service.ts'),
    import('../materialize/streams/observed-freshness.ts'),
    import('../materialize/streams/keep-lake.ts'),
    import('../materialize/bound/bound-generations.ts'),
    import('../registry/fresh-catalog.ts'),
  ]);
  const { DuckdbEventEngine } = await import('../offline/duckdb/duckdb-event-engine.ts');
  const store = stack.use(await openObjectStore(config, { logger }));
  const versions = await openVersions(config, stack, { logger });
  const records = await openErasureRecords(config, stack, { logger });
  const leases = await openLeases(config, stack, { logger });
  const log = lazyEventLog(config, stack);
  const { lake, fill } = await openFilling(config, stack, { online, logger });
  const current = freshCatalog(versions, { logger });
  const freshness = new ObservedFreshness();
  const catalog = async () => ({ ...(await current.current()), erasures: await records.all() });
  const version = (number: number) => versions.version(number);
  const bound = { store, catalog: () => current.current(), version };
  return {
    observed: () => freshness.observed,
    serve: async (signal) => {
      const opened = await log();
      const lakePorts = { catalog: () => current.current(), log: opened, lake, logger };
      await serveStreams(
        {
          keepLake: (ended) => keepLake(lakePorts, ended),
          ...{ log: opened, online, leases, logger, catalog, version, fill },
          mostEntryBytes: config.online.maxEntryBytes,
          settle: (view, state) => settle(bound, view, state),
          openEngine: () =>
            DuckdbEventEngine.open({ ...engineLimits(config), memoryBytes: EVENT_ENGINE_BYTES, threads: 1 }),
          applied: (source, events) => freshness.applied(source, events),
          trimLogs: trimming(config, { ...lakePorts, online }),
        },
        signal,
      );
    },
  };
}

interface Filling {
  readonly online: OnlineStore;
  readonly logger: Logger;
}

/** The lake, and what fills generations from it. */
async function openFilling(config: Config, stack: AsyncDisposableStack, { online, logger }: Filling) {
  const [{ fillFrom }, { duckdbStoredEvents }, { LakeSourceFiles }] = await Promise.all([
    import('../materialize/streams/fill.ts'),
    import('../offline/duckdb/duckdb-stored-events.ts'),
    import('../ingest/lake/lake-source-files.ts'),
  ]);
  const { lake, store } = await openLake(config, stack, { logger });
  const fill = fillFrom({
    ...{ online, store, lake, lakeFiles: new LakeSourceFiles(lake, store) },
    sourceFiles: await openSourceFiles(config, stack, { logger }),
    engine: duckdbStoredEvents({ ...engineLimits(config), memoryBytes: FILL_BYTES }),
  });
  return { lake, fill };
}

const trimming = (config: Config, ports: Omit<TrimPorts, 'retention'>): TrimmingPorts['trimLogs'] =>
  async function* (signal) {
    const { trimLogs } = await import('../ingest/retention/trim-log.ts');
    yield* trimLogs({ ...ports, retention: logRetention(config) }, signal);
  };

export interface StreamServing {
  readonly registry: CatalogProvider;
  /** Of this process. */
  readonly online: OnlineStore;
  readonly telemetry: Telemetry;
  readonly logger: Logger;
  readonly program: string;
}

/** Of a server, until `stack` is closed. The memory store is seen by no other process: events are applied in this one. */
export async function startStreams(config: Config, stack: AsyncDisposableStack, serving: StreamServing): Promise<void> {
  const { registry, online, telemetry, logger, program } = serving;
  const { ObservedTotals } = await import('../materialize/streams/observed-freshness.ts');
  const totals = new ObservedTotals();
  totals.measure(telemetry);
  const isNeeded = async (): Promise<boolean> =>
    [...(await registry.current()).sources.values()].some(({ kind }) => kind === 'stream');
  if (config.online.kind !== 'memory') {
    const { StreamProcess } = await import('../workers/stream-process.ts');
    const args = ['stream-worker', '--config', config.file];
    stack.use(
      new StreamProcess<ObservedSources>({
        fork: () => fork(program, args, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
        ...{ isNeeded, logger },
        onObserved: (observed) => totals.see(observed),
        onEnded: () => totals.ended(),
      }),
    );
    return;
  }
  const streams = await openStreams(config, stack, { online, logger });
  const stop = new AbortController();
  const done = streams.serve(stop.signal);
  const telling = setInterval(() => totals.see(streams.observed()), 1000);
  stack.defer(async () => {
    clearInterval(telling);
    stop.abort();
    await done.catch((err: unknown) => logger.error({ err }, 'internal error'));
  });
}
