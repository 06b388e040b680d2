// Training sets: making them, and finding those that were made.
import type { Dataset, DatasetJob, DatasetPage } from '../../../../schemas/wire-types.ts';
import { PlumbProtocolError } from '../errors.ts';
import { expectShape } from '../expect.ts';
import { JobHandle } from '../job-handle.ts';
import { type ListOptions, type Paged, paged } from '../pages.ts';
import type { ParquetWasmSource } from '../parquet/wasm.ts';
import type { CallOptions } from '../transport/call.ts';
import type { Transport } from '../transport/transport.ts';
import { datasetMessage, type TrainingSetRequest } from './labels.ts';
import { Snapshot } from './snapshot.ts';

/** `wait` gives the finished training set. */
export type DatasetHandle = JobHandle<DatasetJob, Snapshot>;

const PATH = '/v1/datasets';

export class Datasets {
  readonly #transport: Transport;
  readonly #wasm: ParquetWasmSource | undefined;

  /** @internal */
  constructor(transport: Transport, wasm: ParquetWasmSource | undefined) {
    this.#transport = transport;
    this.#wasm = wasm;
  }

  /**
   * Starts a training set: one row per label, its columns, then the service's features as they were at its timestamp.
   * Sent again only where the server certainly did not take it. Large labels on a slow line may need a larger
   * `timeoutMillis`.
   *
   * @throws PlumbApiError INVALID_REQUEST, UNKNOWN_NAME, INVALID_LABELS, TOO_LARGE, TOO_MANY_REQUESTS; what is wrong with
   * the rows of labels or of sources may show only in `wait`.
   */
  async create(request: TrainingSetRequest, options: CallOptions = {}): Promise<DatasetHandle> {
    const message = await datasetMessage(request);
    const call = { ...options, ...message, method: 'POST', path: PATH, retry: 'untaken' } as const;
    const answer = await this.#transport.json(call);
    return this.job(expectShape<DatasetJob>(`POST ${PATH}`, answer, { id: 'string' }).id);
  }

  /** A job that was started before, by whomever. Asks nothing of the server yet. */
  job(id: string): DatasetHandle {
    return new JobHandle(this.#transport, id, ({ result }: DatasetJob) => {
      if (result === null) throw new PlumbProtocolError(`GET /v1/jobs/${id}: succeeded, but has no result`);
      return this.get(result.name, result.version);
    });
  }

  /** The newest version of each, by name. */
  list(options: ListOptions = {}): Paged<Dataset> {
    return paged<DatasetPage, 'datasets'>(this.#transport, PATH, 'datasets', options);
  }

  /** UNKNOWN_NAME where there is none. Reads the manifest; rows are read by the snapshot's methods. */
  async get(name: string, version: number | 'latest' = 'latest', options: CallOptions = {}): Promise<Snapshot> {
    const path = `${PATH}/${encodeURIComponent(name)}/${version}`;
    const answer = await this.#transport.json({ ...options, method: 'GET', path, retry: 'safe' });
    const shape = { name: 'string', version: 'number', rows: 'number', columns: 'array', parts: 'array' } as const;
    return new Snapshot(this.#transport, expectShape<Dataset>(`GET ${path}`, answer, shape), this.#wasm);
  }
}
