// Materializations: the newest values of views into the online store.
import type {
  MaterializationJob,
  MaterializationMode,
  MaterializationPage,
  MaterializationRun,
} from '../../../schemas/wire-types.ts';
import { expectShape } from './expect.ts';
import { JobHandle } from './job-handle.ts';
import { stringifyJson } from './json.ts';
import { type ListOptions, type Paged, paged } from './pages.ts';
import type { CallOptions } from './transport/call.ts';
import type { Transport } from './transport/transport.ts';

export interface MaterializeRequest {
  /** Default: the views that a service reads. */
  readonly views?: readonly string[] | undefined;
  /** The views that this service reads, instead of `views`. */
  readonly service?: string | undefined;
  /** RFC 3339 text, or a Date. Default: now. */
  readonly until?: string | Date | undefined;
  /** Lets `until` lie more than a day after the server's clock. Default: false. */
  readonly allowFuture?: boolean | undefined;
  /** Default: incremental. */
  readonly mode?: MaterializationMode | undefined;
}

/** `wait` gives one run per view; a view that failed makes it reject, with all runs in the error's `job.result`. */
export type MaterializationHandle = JobHandle<MaterializationJob, readonly MaterializationRun[]>;

const PATH = '/v1/materializations';

export class Materializations {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Starts one. Sent again only where the server certainly did not take it. */
  async create(request: MaterializeRequest = {}, options: CallOptions = {}): Promise<MaterializationHandle> {
    const body = stringifyJson(request);
    const headers = { 'content-type': 'application/json' };
    const answer = await this.#transport.json({
      ...options,
      method: 'POST',
      path: PATH,
      headers,
      body,
      retry: 'untaken',
    });
    return this.job(expectShape<MaterializationJob>(`POST ${PATH}`, answer, { id: 'string' }).id);
  }

  /** A job that was started before, by whomever. Asks nothing of the server yet. */
  job(id: string): MaterializationHandle {
    return new JobHandle(this.#transport, id, ({ result }: MaterializationJob) => result?.runs ?? []);
  }

  /** Newest first. */
  list(options: ListOptions = {}): Paged<MaterializationJob> {
    return paged<MaterializationPage, 'materializations'>(this.#transport, PATH, 'materializations', options);
  }

  /** UNKNOWN_NAME where there is none. */
  get(id: string, options: CallOptions = {}): Promise<MaterializationJob> {
    const path = `${PATH}/${encodeURIComponent(id)}`;
    return this.#transport.json({ ...options, method: 'GET', path, retry: 'safe' });
  }
}
