// Erasures: keys of an entity that are to be forgotten.
import type {
  ErasureJob,
  ErasurePage,
  ErasureReport,
  ErasureRequest,
  ErasureSummary,
} from '../../../schemas/wire-types.ts';
import { expectShape } from './expect.ts';
import { JobHandle } from './job-handle.ts';
import { stringifyJson } from './json.ts';
import { type ListOptions, type Paged, paged } from './pages.ts';
import type { CallOptions } from './transport/call.ts';
import type { Transport } from './transport/transport.ts';

/** `wait` gives what was removed, and what Plumb does not own. Its id is that of the erasure. */
export type ErasureHandle = JobHandle<ErasureJob, ErasureReport | undefined>;

const PATH = '/v1/erasures';

export class Erasures {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Recorded when it resolves, and not to be taken back. Sent again only where the server certainly did not take it. */
  async create(request: ErasureRequest, options: CallOptions = {}): Promise<ErasureHandle> {
    const body = stringifyJson(request);
    const headers = { 'content-type': 'application/json' };
    const call = { ...options, method: 'POST', path: PATH, headers, body, retry: 'untaken' } as const;
    const answer = await this.#transport.json(call);
    const { id } = expectShape<ErasureJob>(`POST ${PATH}`, answer, { id: 'string' });
    return new JobHandle(this.#transport, id, ({ result }: ErasureJob) => result?.reports[0]);
  }

  /** Newest first. */
  list(options: ListOptions = {}): Paged<ErasureSummary> {
    return paged<ErasurePage, 'erasures'>(this.#transport, PATH, 'erasures', options);
  }

  /** With its report once it is done. UNKNOWN_NAME where there is none. */
  get(id: string, options: CallOptions = {}): Promise<ErasureSummary> {
    return this.#transport.json({
      ...options,
      method: 'GET',
      path: `${PATH}/${encodeURIComponent(id)}`,
      retry: 'safe',
    });
  }
}
