// When a worker that ended is started again. Each end makes the pause before the next start longer, until one has lived for a
// while. Where workers end again and again before they are ready, and nobody else answers, the server gives up: something is
// wrong that no further start mends, and whoever started the server has to know.
import { backoffMillis } from '../backoff.ts';

export interface WorkerEnd {
  /** How long it had been ready; null where it never was. */
  readonly readyForMillis: number | null;
  readonly othersAnswer: boolean;
}

const PAUSES = { firstMillis: 100, longestMillis: 5000 };
const STEADY_MILLIS = 60_000;
export const MOST_FAILED_STARTS = 5;

/** Of the worker of one number. */
export class Restarts {
  #ends = 0;
  #failedStarts = 0;

  /** How long to wait before the next start; null: give up. */
  pauseMillis({ readyForMillis, othersAnswer }: WorkerEnd): number | null {
    this.#failedStarts = readyForMillis === null ? this.#failedStarts + 1 : 0;
    this.#ends = readyForMillis !== null && readyForMillis >= STEADY_MILLIS ? 1 : this.#ends + 1;
    if (this.#failedStarts >= MOST_FAILED_STARTS && !othersAnswer) return null;
    return backoffMillis(this.#ends, PAUSES);
  }
}
