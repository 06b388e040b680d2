// Requests resolved once per registry version, each with its last binding to live generations.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { LearnedFeatures } from '../../catalog/learned.ts';
import type { BoundRequest } from './bound-request.ts';
import { type RequestedFeatures, type ResolvedRequest, resolveLearned, resolveRequest } from './resolve-request.ts';

const MAX_REQUESTS = 1000;

export interface CompiledRequest {
  readonly resolved: ResolvedRequest;
  /** null until the serving states were read for the first time. */
  bound: BoundRequest | null;
}

type Kind = 'service' | 'features' | 'dataset';

export class CompiledRequests {
  readonly #learned: LearnedFeatures | null;
  #catalog: Catalog | null = null;
  readonly #requests: Readonly<Record<Kind, Map<string, CompiledRequest>>> = {
    service: new Map(),
    features: new Map(),
    dataset: new Map(),
  };

  /** null: nothing can be bound to what was learned. */
  constructor(learned: LearnedFeatures | null) {
    this.#learned = learned;
  }

  /** null where it has to be compiled first. */
  get(catalog: Catalog, request: RequestedFeatures): CompiledRequest | null {
    if (catalog !== this.#catalog) for (const known of Object.values(this.#requests)) known.clear();
    this.#catalog = catalog;
    const [kind, id] = identityOf(request);
    return this.#requests[kind].get(id) ?? null;
  }

  async compile(catalog: Catalog, request: RequestedFeatures): Promise<CompiledRequest> {
    // Kept: texts that are cut out of a request body would keep the whole of it.
    const kept = structuredClone(request);
    const compiled = { resolved: await this.#resolve(catalog, kept), bound: null };
    // Another version came meanwhile: its requests are not answered by this one.
    if (catalog !== this.#catalog) return compiled;
    const [kind, id] = identityOf(kept);
    const requests = this.#requests[kind];
    if (requests.size >= MAX_REQUESTS) requests.delete(requests.keys().next().value ?? '');
    requests.set(id, compiled);
    return compiled;
  }

  async #resolve(catalog: Catalog, request: RequestedFeatures): Promise<ResolvedRequest> {
    if ('features' in request || ('service' in request && !request.service.includes('@')))
      return resolveRequest(catalog, request);
    if (this.#learned !== null) return resolveLearned(catalog, await this.#learned.of(request, catalog));
    throw new PlumbError('NOT_SUPPORTED', 'lookups cannot be bound to a version of a service or a dataset here');
  }
}

function identityOf(request: RequestedFeatures): readonly [Kind, string] {
  if ('service' in request) return ['service', request.service];
  return 'dataset' in request ? ['dataset', request.dataset] : ['features', JSON.stringify(request.features)];
}
