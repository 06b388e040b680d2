// Port: what commands need of the rest of Plumb. The composition root supplies it. Everything opens lazily, with the
// adapter loaded only then, so that `plumb --help` or `plumb init` load no engine and no store.
import type { ChildProcess } from 'node:child_process';
import type { Explainer } from '../audit/explain/explainer.ts';
import type { Verifier } from '../audit/verify.ts';
import type { Backups } from '../backup/backup.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import type { Drafting, OpenOptions } from '../config/open-options.ts';
import type { SourceInspector } from '../definitions/source-inspector.ts';
import type { Eraser, Erasures } from '../erasure/erasure.ts';
import type { Lookups } from '../http/lookup/lookups.ts';
import type { ServerParts } from '../http/server-parts.ts';
import type { DeadLetter } from '../ingest/event-log.ts';
import type { Push } from '../ingest/push/push.ts';
import type { Explaining } from '../jobs/explanations.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { Bindings } from '../materialize/bound/bindings.ts';
import type { Materializer } from '../materialize/run.ts';
import type { RunRecords } from '../materialize/run-records.ts';
import type { Streams } from '../materialize/streams/streams.ts';
import type { EventTrace } from '../materialize/streams/trace-event.ts';
import type { Datasets } from '../offline/dataset.ts';
import type { EventRows } from '../offline/event-rows.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Registry } from '../registry/registry.ts';
import type { Collector } from '../retention/collector.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ProcessTotals, Telemetry } from '../telemetry/telemetry.ts';

type Open<T, Options = OpenOptions> = (config: Config, options: Options) => Promise<T & AsyncDisposable>;

/** What puts events of files into the log, and tells what became of events. */
export interface Ingest {
  readonly push: Push;
  readonly rows: EventRows;
  trace(source: string, id: string): Promise<EventTrace>;
  /** Since an instant, at most `limit`. */
  rejected(source: string, sinceMicros: bigint, limit: number): Promise<readonly DeadLetter[]>;
  catalog(): Promise<Catalog>;
}

export interface SharedParts {
  readonly jobs: JobQueue;
  readonly explaining: Explaining;
  readonly telemetry: Telemetry;
}

export interface App {
  readonly openRegistry: Open<Registry>;
  readonly openMaterializer: Open<Materializer>;
  readonly openRuns: Open<RunRecords>;
  readonly openDatasets: Open<Datasets, OpenOptions & Drafting>;
  readonly openBindings: Open<Bindings>;
  readonly openVerifier: Open<Verifier, OpenOptions & Drafting>;
  readonly openExplainer: Open<Explainer>;
  readonly openCollector: Open<Collector>;
  readonly openEraser: Open<Erasures & Eraser>;
  /** `place`: absolute path of a folder, or s3://bucket/prefix. */
  readonly openBackups: Open<Backups, OpenOptions & { readonly place: string }>;
  readonly openLookups: Open<Lookups>;
  /** `shared`: of a worker, whose jobs the primary has, and whose metrics are a part of the server's. */
  readonly openServer: Open<ServerParts, OpenOptions & { readonly shared?: SharedParts }>;
  readonly openJobs: Open<
    Pick<SharedParts, 'jobs' | 'explaining'>,
    Pick<OpenOptions, 'logger'> & Pick<SharedParts, 'telemetry'>
  >;
  readonly openIngest: Open<Ingest>;
  readonly openStreams: Open<Streams>;
  readonly createTelemetry: () => Promise<{ readonly telemetry: Telemetry; readonly totals: ProcessTotals }>;
  /** Starts the program anew, as the worker of this number. */
  readonly forkWorker: (number: number) => ChildProcess;
  readonly openSourceInspector: Open<SourceInspector>;
  readonly openObjectStore: Open<ObjectStore>;
  readonly openOnlineStore: Open<OnlineStore>;
}
