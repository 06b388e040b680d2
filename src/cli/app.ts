// Port: what commands need of the rest of Plumb. The composition root supplies it. Everything opens lazily, with the
// adapter loaded only then, so that `plumb --help` or `plumb init` load no engine and no store.
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { SourceInspector } from '../definitions/source-inspector.ts';
import type { Lookups } from '../http/lookup/lookups.ts';
import type { ServerParts } from '../http/server-parts.ts';
import type { Materializer } from '../materialize/run.ts';
import type { Datasets } from '../offline/dataset.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Registry } from '../registry/registry.ts';
import type { Collector } from '../retention/collector.ts';
import type { ObjectStore } from '../storage/object-store.ts';

type Open<T> = (config: Config, options: OpenOptions) => Promise<T & AsyncDisposable>;

export interface App {
  readonly openRegistry: Open<Registry>;
  readonly openMaterializer: Open<Materializer>;
  readonly openDatasets: Open<Datasets>;
  readonly openCollector: Open<Collector>;
  readonly openLookups: Open<Lookups>;
  readonly openServer: Open<ServerParts>;
  readonly openSourceInspector: Open<SourceInspector>;
  readonly openObjectStore: Open<ObjectStore>;
  readonly openOnlineStore: Open<OnlineStore>;
}
