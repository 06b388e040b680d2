// The way in.
import type { PushAnswer } from '../../../schemas/wire-types.ts';
import type { LookupColumns } from './columns/answer-columns.ts';
import type { LookupColumnsRequest } from './columns/lookup-columns.ts';
import { Datasets } from './datasets/datasets.ts';
import { Erasures } from './erasures.ts';
import { PlumbApiError } from './errors.ts';
import type { ExplainedLookup, ExplainRequest } from './explain.ts';
import { type LookupAnswer, type LookupRequest, lookup } from './lookup.ts';
import { Materializations } from './materializations.ts';
import type { ParquetWasmSource } from './parquet/wasm.ts';
import type { PushOptions } from './push.ts';
import { Registry } from './registry.ts';
import type { CallOptions } from './transport/call.ts';
import { settingsOf, type TransportOptions } from './transport/options.ts';
import { createTransport, type Transport } from './transport/transport.ts';
import type { FeatureRow } from './values.ts';

export interface PlumbClientOptions extends TransportOptions {
  /**
   * In browsers, where reading snapshots finds `parquet-wasm/esm/parquet_wasm_bg.wasm`: its address, or its bytes. Default:
   * beside parquet-wasm's own module, which Vite and webpack see to; esbuild does not. Read once per page. Node needs none.
   */
  readonly parquetWasm?: ParquetWasmSource | undefined;
}

/**
 * A client of one Plumb server. It holds no connection and needs no closing; make one and share it.
 *
 * Every call rejects with a PlumbApiError (the server answered with an error), PlumbTimeoutError, PlumbConnectionError or
 * PlumbProtocolError (the answer is not what the API says), or with the reason of its AbortSignal. Reads, lookups and
 * cancels are tried again after connection errors, silence and retryable codes; what starts a job only where the server
 * certainly did not take it.
 */
export class PlumbClient {
  readonly registry: Registry;
  readonly datasets: Datasets;
  readonly materializations: Materializations;
  readonly erasures: Erasures;
  readonly #transport: Transport;

  /** TypeError where an option cannot be. */
  constructor(options: PlumbClientOptions) {
    this.#transport = createTransport(settingsOf(options));
    this.registry = new Registry(this.#transport);
    this.datasets = new Datasets(this.#transport, options.parquetWasm);
    this.materializations = new Materializations(this.#transport);
    this.erasures = new Erasures(this.#transport);
  }

  /**
   * The values of a service's features, or of some features, for each entity.
   *
   * @throws PlumbApiError INVALID_REQUEST (`details.path` says where), UNKNOWN_NAME, NOT_MATERIALIZED, TOO_LARGE,
   * STORE_UNAVAILABLE. A missing or stale feature is a value with a status, no error.
   */
  lookup<Row extends object = FeatureRow>(
    request: LookupRequest,
    options: CallOptions = {},
  ): Promise<LookupAnswer<Row>> {
    return lookup<Row>(this.#transport, request, options);
  }

  /**
   * The same values as columns, for many entities and a model that takes arrays of numbers. They come in Arrow, or in JSON
   * from a server that has no Arrow. Where rows are wanted, `lookup` costs less.
   *
   * @throws PlumbApiError as `lookup`; INVALID_REQUEST also where two columns in Arrow would have one name
   */
  async lookupColumns(request: LookupColumnsRequest, options: CallOptions = {}): Promise<LookupColumns> {
    const { lookupColumns } = await import('./columns/lookup-columns.ts');
    return await lookupColumns(this.#transport, request, options);
  }

  /**
   * Where the values of one entity come from: window, run, the rows that count and their files, computed anew and compared. The
   * server reads its sources for it, so it takes seconds, and two minutes are waited for it unless `timeoutMillis` says otherwise.
   *
   * @throws PlumbApiError as `lookup`; FORBIDDEN without the role operator, NOT_SERVED on a server without jobs,
   * TOO_MANY_REQUESTS, TOO_LARGE
   */
  async explain<Row extends object = FeatureRow>(
    request: ExplainRequest,
    options: CallOptions = {},
  ): Promise<ExplainedLookup<Row>> {
    const { explain } = await import('./explain.ts');
    return await explain<Row>(this.#transport, request, options);
  }

  /**
   * Pushes events to a source of kind stream, batch after batch. They are on disk when it resolves. Where it rejects, the
   * batches before are on disk too, and places in the error count within its batch: with an `eventIdColumn` push all again.
   *
   * @throws PlumbApiError UNKNOWN_NAME, INVALID_EVENTS with `details.rejected` of the batch, TOO_LARGE, TOO_MANY_REQUESTS
   */
  async push(
    source: string,
    events: Iterable<object> | AsyncIterable<object>,
    options: PushOptions = {},
  ): Promise<PushAnswer> {
    const { push } = await import('./push.ts');
    return await push(this.#transport, source, events, options);
  }

  /** Whether lookups can be answered, and what is missing where not. Asks once. Rejects where no server answers. */
  async ready(
    options: CallOptions = {},
  ): Promise<{ readonly ready: true } | { readonly ready: false; readonly reason: PlumbApiError }> {
    try {
      await this.#transport.send({ ...options, method: 'GET', path: '/readyz', retry: 'never' });
      return { ready: true };
    } catch (error) {
      if (error instanceof PlumbApiError) return { ready: false, reason: error };
      throw error;
    }
  }
}
