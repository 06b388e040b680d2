// The end of a server: what is said of it, and how long closing its stores may take.
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../config/logger.ts';
import { soonOr } from '../../soon-or.ts';

/** The worker of a job has five seconds to end; docs/deployment.md says ten for all of it. */
const LEAST_CLOSING_MILLIS = 8000;

export class Ending {
  readonly #logger: Logger;
  #endsAtMillis = Number.POSITIVE_INFINITY;

  /** Tells that the server drains, once `stop` aborts. */
  constructor(stop: AbortSignal, { server: { drainDelayMillis, drainTimeoutMillis } }: Config, logger: Logger) {
    this.#logger = logger;
    const begin = (): void => {
      this.#endsAtMillis = performance.now() + drainDelayMillis + drainTimeoutMillis;
      logger.info({ signal: stop.reason, drainDelayMillis, drainTimeoutMillis }, 'draining');
    };
    if (stop.aborted) begin();
    else stop.addEventListener('abort', begin, { once: true });
  }

  /** A store that is away would be waited for; what is left open then ends with the process. */
  async close(opened: AsyncDisposableStack): Promise<void> {
    const leftMillis = Math.max(LEAST_CLOSING_MILLIS, this.#endsAtMillis - performance.now());
    const closed = opened.disposeAsync().then(() => true);
    if (!(await soonOr(closed, false, leftMillis)))
      this.#logger.warn({}, 'a store did not answer in time: jobs that were cut off are told as INTERRUPTED later');
  }
}
