// A job that the server works on: look at it, wait for it, cancel it. The server keeps working without anybody waiting.
import type { Job, JobProgress, WireError } from '../../../schemas/wire-types.ts';
import { PlumbJobError } from './errors.ts';
import { expectShape } from './expect.ts';
import type { CallOptions } from './transport/call.ts';
import { isRetryable } from './transport/failure.ts';
import { pause } from './transport/timing.ts';
import type { Transport } from './transport/transport.ts';

export interface WaitOptions {
  /** Ends the waiting with its reason. The job goes on, unless `cancelOnAbort` is set. */
  readonly signal?: AbortSignal | undefined;
  /** With the signal the job is cancelled too. Default false. */
  readonly cancelOnAbort?: boolean | undefined;
  /** Called whenever the job looks different from the last time. What it throws ends the waiting. */
  readonly onProgress?: ((progress: JobProgress | null, job: Job) => void) | undefined;
  /** The longest time between two looks; the first ones come sooner. Default 1,000. */
  readonly pollMillis?: number | undefined;
}

const FIRST_POLL_MILLIS = 50;

/** `J`: the job as the server describes it. `Result`: what `wait` gives. */
export class JobHandle<J extends Job, Result> {
  readonly id: string;
  readonly #transport: Transport;
  readonly #toResult: (job: J) => Result | Promise<Result>;

  /** @internal */
  constructor(transport: Transport, id: string, toResult: (job: J) => Result | Promise<Result>) {
    this.id = id;
    this.#transport = transport;
    this.#toResult = toResult;
  }

  /** The job as it is now: status, progress, error, result. UNKNOWN_NAME where the server knows it no more. */
  async state(options: CallOptions = {}): Promise<J> {
    return await this.#call('GET', options);
  }

  /** Asks the server to stop; the job may take a moment until it is `cancelled`. One that has ended stays as it is. */
  async cancel(options: CallOptions = {}): Promise<J> {
    return await this.#call('DELETE', options);
  }

  /**
   * Resolves once the job succeeded. Rejects with PlumbJobError, with the job's own code, where it failed or was
   * cancelled, and with the last error where the server is away for longer than the client's `timeoutMillis`. Has itself
   * no timeout: `AbortSignal.timeout()` gives one.
   */
  async wait(options: WaitOptions = {}): Promise<Result> {
    const { signal, cancelOnAbort = false } = options;
    try {
      return await this.#toResult(await this.#ended(options));
    } catch (error) {
      // The caller's reason counts, whether or not the server hears of it.
      if (cancelOnAbort && signal?.aborted === true) await this.cancel().catch(() => {});
      throw error;
    }
  }

  async #ended({ signal, onProgress, pollMillis = 1_000 }: WaitOptions): Promise<J> {
    let seen = '';
    for (let delayMillis = FIRST_POLL_MILLIS; ; delayMillis *= 1.5) {
      // A server that starts anew is away for longer than some retries take.
      const job = await this.#call('GET', { signal }, Number.POSITIVE_INFINITY);
      const look = JSON.stringify([job.status, job.progress]);
      if (look !== seen) onProgress?.(job.progress, job);
      seen = look;
      if (job.status === 'succeeded') return job;
      if (job.status === 'failed' || job.status === 'cancelled') throw jobError(job, job.error);
      await pause(Math.min(delayMillis, pollMillis), signal);
    }
  }

  async #call(method: 'GET' | 'DELETE', options: CallOptions, retries?: number): Promise<J> {
    const path = `/v1/jobs/${encodeURIComponent(this.id)}`;
    const answer = await this.#transport.json({ ...options, method, path, retry: 'safe', retries });
    return expectShape<J>(`${method} ${path}`, answer, { id: 'string', status: 'string' });
  }
}

function jobError(job: Job, error: WireError | null): PlumbJobError {
  const code = error?.code ?? (job.status === 'cancelled' ? 'CANCELLED' : 'INTERNAL');
  const message = error?.message ?? `the ${job.kind} job ${job.id} was ${job.status} without a reason`;
  return new PlumbJobError(message, job, { code, details: error?.details ?? {}, retryable: isRetryable(code, 0) });
}
