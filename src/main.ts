// The composition root: the one place that names concrete adapters. Everything opens lazily, on first use.
import { fileURLToPath } from 'node:url';
import type { App } from './cli/app.ts';
import type { Io } from './cli/io.ts';
import { runCli } from './cli/program.ts';
import { openBackups } from './compose/backups.ts';
import { openBindings, sourceLooks } from './compose/bindings.ts';
import { catalogOf } from './compose/catalog-of.ts';
import { openCollector } from './compose/collector.ts';
import { engineLimits, openEngine } from './compose/engine.ts';
import { openEraser, openErasureRecords } from './compose/erasures.ts';
import { lazyEventLog } from './compose/event-log.ts';
import { openExplainer } from './compose/explainer.ts';
import { openGate } from './compose/gate.ts';
import { openIngest } from './compose/ingest.ts';
import { openServerWork, type ServerWorkPorts } from './compose/jobs.ts';
import { openLeases } from './compose/leases.ts';
import { openLookups } from './compose/lookups.ts';
import { openScheduler } from './compose/scheduler.ts';
import { openSourceFiles } from './compose/source-files.ts';
import { openSourceInspector } from './compose/source-inspector.ts';
import { type Opening, opened, openObjectStore, openOnlineStore } from './compose/stores.ts';
import { openStreams, startStreams } from './compose/streams.ts';
import { createTelemetry } from './compose/telemetry.ts';
import { openVersions } from './compose/versions.ts';
import type { Config } from './config/config.ts';
import type { Drafting, OpenOptions } from './config/open-options.ts';
import type { Materializer } from './materialize/run.ts';
import type { LabelLimits } from './offline/arrow/label-limits.ts';
import type { OnlineStore } from './online/online-store.ts';
import type { Registry } from './registry/registry.ts';
import { forkWorker } from './workers/fork-worker.ts';

const app: App = {
  openObjectStore,
  openOnlineStore,
  openSourceInspector: (config, options) => opened((stack) => openSourceInspector(config, stack, options)),
  openRegistry: (config, options) => opened((stack) => openRegistry(config, stack, options)),
  openMaterializer: (config, options) =>
    opened(async (stack) =>
      openMaterializer(config, stack.use(await openOnlineStore(config, options)), options, stack),
    ),
  openRuns,
  openDatasets,
  openBindings: (config, options) => opened((stack) => openBindings(config, stack, options)),
  openVerifier,
  openExplainer: (config, options) => opened((stack) => openExplainer(config, stack, options)),
  openCollector: (config, options) => opened((stack) => openCollector(config, stack, options)),
  openEraser: (config, options) =>
    opened(async (stack) => openEraser(config, stack.use(await openOnlineStore(config, options)), options, stack)),
  openBackups: (config, options) => opened((stack) => openBackups(config, stack, options)),
  openLookups: (config, options) => opened((stack) => openLookups(config, stack, options)),
  openIngest: (config, options) => opened((stack) => openIngest(config, stack, options)),
  openStreams: (config, options) =>
    opened(async (stack) =>
      openStreams(config, stack, { online: stack.use(await openOnlineStore(config, options)), logger: options.logger }),
    ),
  createTelemetry,
  forkWorker: (number) => forkWorker(PROGRAM, number),
  openJobs: (config, { logger, telemetry }) =>
    opened(async (stack) => {
      const { jobs, explaining } = await openJobs(config, stack, { logger, telemetry, online: undefined });
      const { duties } = config.server;
      const registry = await openVersions(config, stack, { logger });
      const online = stack.use(await openOnlineStore(config, { logger, signal: NEVER }));
      if (duties.includes('stream'))
        await startStreams(config, stack, { registry, online, telemetry, logger, program: PROGRAM });
      if (duties.includes('schedule')) {
        await openScheduler(config, stack, { registry, online, jobs, logger, telemetry });
      }
      return { jobs, explaining };
    }),
  openServer: (config, { shared, ...options }) =>
    opened(async (stack) => {
      const { logger } = options;
      const { createServerParts } = await import('./http/server-parts.ts');
      // Without the signal: a server that stops writes down what becomes of its jobs.
      const registry = await openVersions(config, stack, { logger });
      const online = stack.use(await openOnlineStore(config, options));
      const store = stack.use(await openObjectStore(config, { logger }));
      const leases = await openLeases(config, stack, { logger });
      const gate = stack.use(await openGate(config, store, logger));
      const { telemetry } = shared ?? (await createTelemetry());
      const { jobs, explaining } = shared ?? (await openJobs(config, stack, { logger, telemetry, online }));
      const duties = shared === undefined ? config.server.duties : [];
      if (duties.includes('stream'))
        await startStreams(config, stack, { registry, online, telemetry, logger, program: PROGRAM });
      if (duties.includes('schedule'))
        await openScheduler(config, stack, { registry, online, jobs, logger, telemetry });
      return createServerParts({
        ...{ gate, registry, online, store, leases, jobs, explaining, logger, telemetry },
        looks: sourceLooks(config, stack, { logger }),
        log: lazyEventLog(config, stack),
        commands: config.schedules,
        maxLagMillis: config.server.maxLagMillis,
      });
    }),
};

/** `online`: needed where no other process could fill it. */
const openJobs = (
  config: Config,
  stack: AsyncDisposableStack,
  ports: Pick<ServerWorkPorts, 'logger' | 'telemetry' | 'online'>,
) =>
  openServerWork(config, stack, {
    ...ports,
    program: PROGRAM,
    openDatasets: (signal) => openDatasets(config, { signal }),
    openEraser: (online, signal) => opened((own) => openEraser(config, online, { signal }, own)),
    openMaterializer: (online, signal) => opened((own) => openMaterializer(config, online, { signal }, own)),
  });

async function openMaterializer(
  config: Config,
  online: OnlineStore,
  options: Working,
  stack: AsyncDisposableStack,
): Promise<Materializer> {
  const { createMaterializer } = await import('./materialize/materializer.ts');
  const registry = await openVersions(config, stack, options);
  const records = await openErasureRecords(config, stack, options);
  return createMaterializer({
    catalog: () => registry.current(),
    version: (version) => registry.version(version),
    erasures: () => records.all(),
    store: stack.use(await openObjectStore(config, options)),
    online,
    sourceFiles: await openSourceFiles(config, stack, options),
    engine: await openEngine(config),
    leases: await openLeases(config, stack, options),
    signal: options.signal,
    graceMicros: config.retention.graceMicros,
    mostEntryBytes: config.online.maxEntryBytes,
    log: lazyEventLog(config, stack),
  });
}

function openRuns(config: Config, options: Working) {
  return opened(async (stack) => {
    const { createRunRecords } = await import('./materialize/run-records.ts');
    const versions = await openVersions(config, stack, options);
    return createRunRecords({
      store: stack.use(await openObjectStore(config, options)),
      leases: await openLeases(config, stack, options),
      catalog: () => versions.current(),
    });
  });
}

function openDatasets(config: Config, options: Working & Drafting) {
  return opened(async (stack) => {
    const { createDatasets } = await import('./offline/datasets.ts');
    const registry = await openRegistry(config, stack, options);
    const records = await openErasureRecords(config, stack, options);
    return createDatasets({
      catalog: catalogOf(registry, options),
      erasures: () => records.all(),
      store: stack.use(await openObjectStore(config, options)),
      sourceFiles: await openSourceFiles(config, stack, options),
      engine: await openEngine(config),
      arrow: {
        toParquet: async (path, folder, limits) =>
          (await import('./offline/arrow/arrow-to-parquet.ts')).arrowToParquet(path, folder, limits),
        fromParquet: async (parts, target) =>
          (await import('./offline/arrow/parquet-to-arrow.ts')).parquetToArrow(parts, target),
      },
      labelLimits: ownLabels(config),
      leases: await openLeases(config, stack, options),
      signal: options.signal,
    });
  });
}

function openVerifier(config: Config, options: Working & Drafting) {
  return opened(async (stack) => {
    const { createVerifier } = await import('./audit/verify.ts');
    const registry = await openRegistry(config, stack, options);
    const records = await openErasureRecords(config, stack, options);
    const catalog = catalogOf(registry, options);
    return createVerifier({
      catalog: async () => records.attached(await catalog()),
      version: async (version) => records.attached(await registry.version(version)),
      leases: await openLeases(config, stack, options),
      store: stack.use(await openObjectStore(config, options)),
      sourceFiles: await openSourceFiles(config, stack, options),
      engine: await openEngine(config),
      openPrivate: async (folder) => (await import('./compose/private-stores.ts')).openPrivateStores(config, folder),
      replay: async (replaying, use) =>
        await (await import('./compose/replay.ts')).replayOf(config, stack, options)(replaying, use),
      ...{ signal: options.signal, graceMicros: config.retention.graceMicros },
    });
  });
}

/** As many rows and bytes as a file has. */
const ownLabels = ({ server: { limits } }: Config): LabelLimits => ({
  columns: limits.labelColumns,
  depth: limits.labelDepth,
  rows: Number.POSITIVE_INFINITY,
  decompressedBytes: Number.POSITIVE_INFINITY,
});

type Working = Opening & Pick<OpenOptions, 'signal'>;

/** Of what ends with its owner. */
const NEVER = new AbortController().signal;

const PROGRAM = fileURLToPath(new URL('../bin/plumb.js', import.meta.url));

/** What reads definitions and asks sources, DuckDB with it, is loaded by the first `apply` alone. */
async function openRegistry(config: Config, stack: AsyncDisposableStack, options: Working): Promise<Registry> {
  const versions = await openVersions(config, stack, options);
  return {
    apply: async (applying) => (await openDefinitions(config, stack, options)).apply(applying),
    draft: async () => (await openDefinitions(config, stack, options)).draft(),
    current: () => versions.current(),
    version: (version) => versions.version(version),
  };
}

async function openDefinitions(config: Config, stack: AsyncDisposableStack, options: Working): Promise<Registry> {
  const [{ createRegistry }, { createParser }] = await Promise.all([
    import('./registry/registry.ts'),
    import('./offline/duckdb/parsing-session.ts'),
  ]);
  return createRegistry({
    project: config.project,
    projectFolder: config.folder,
    definitions: config.definitions,
    leases: await openLeases(config, stack, options),
    store: stack.use(await openObjectStore(config, options)),
    inspector: await openSourceInspector(config, stack, options),
    compiler: createParser(engineLimits(config)),
  });
}

/** One command: `argv` without the program's own name. Never throws; returns the exit code. */
export const main = (argv: readonly string[], io?: Io): Promise<number> => runCli(argv, app, io);
