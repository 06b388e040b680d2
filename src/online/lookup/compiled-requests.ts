// Requests resolved once per registry version, each with its last binding to live generations.
import type { Catalog } from '../../catalog/catalog.ts';
import type { BoundRequest } from './bound-request.ts';
import { type RequestedFeatures, type ResolvedRequest, resolveRequest } from './resolve-request.ts';

const MAX_REQUESTS = 1000;

export interface CompiledRequest {
  readonly resolved: ResolvedRequest;
  /** null until the serving states were read for the first time. */
  bound: BoundRequest | null;
}

export class CompiledRequests {
  #catalog: Catalog | null = null;
  readonly #requests = new Map<string, CompiledRequest>();

  get(catalog: Catalog, request: RequestedFeatures): CompiledRequest {
    if (catalog !== this.#catalog) this.#requests.clear();
    this.#catalog = catalog;
    const id = 'service' in request ? request.service : JSON.stringify(request.features);
    const known = this.#requests.get(id);
    // The name of a service that is not there may be the text of a list.
    if (known !== undefined && (known.resolved.service !== null) === 'service' in request) return known;
    // Kept: texts that are cut out of a request body would keep the whole of it.
    const compiled = { resolved: resolveRequest(catalog, structuredClone(request)), bound: null };
    if (this.#requests.size >= MAX_REQUESTS) this.#requests.delete(this.#requests.keys().next().value ?? '');
    this.#requests.set(structuredClone(id), compiled);
    return compiled;
  }
}
