// What is registered, in the words of definitions.
import type {
  Described,
  EntityPage,
  FeatureServicePage,
  FeatureViewPage,
  RegistrySummary,
  SourcePage,
} from '../../../schemas/wire-types.ts';
import { type ListOptions, type Paged, paged } from './pages.ts';
import type { CallOptions } from './transport/call.ts';
import type { Transport } from './transport/transport.ts';

/** All of it describes the newest registered version. Rejects with NOT_APPLIED before the first `plumb apply`. */
export class Registry {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The version, and all names. */
  summary(options: CallOptions = {}): Promise<RegistrySummary> {
    return this.#get('/v1/registry', options);
  }

  entities(options: ListOptions = {}): Paged<Described> {
    return paged<EntityPage, 'entities'>(this.#transport, '/v1/entities', 'entities', options);
  }

  sources(options: ListOptions = {}): Paged<Described> {
    return paged<SourcePage, 'sources'>(this.#transport, '/v1/sources', 'sources', options);
  }

  featureViews(options: ListOptions = {}): Paged<Described> {
    return paged<FeatureViewPage, 'featureViews'>(this.#transport, '/v1/feature-views', 'featureViews', options);
  }

  /** UNKNOWN_NAME where there is none. */
  featureView(name: string, options: CallOptions = {}): Promise<Described> {
    return this.#get(`/v1/feature-views/${encodeURIComponent(name)}`, options);
  }

  featureServices(options: ListOptions = {}): Paged<Described> {
    return paged<FeatureServicePage, 'featureServices'>(
      this.#transport,
      '/v1/feature-services',
      'featureServices',
      options,
    );
  }

  /** UNKNOWN_NAME where there is none. */
  featureService(name: string, options: CallOptions = {}): Promise<Described> {
    return this.#get(`/v1/feature-services/${encodeURIComponent(name)}`, options);
  }

  #get<T>(path: string, options: CallOptions): Promise<T> {
    return this.#transport.json({ ...options, method: 'GET', path, retry: 'safe' });
  }
}
