// Explanations of lookups, which read sources: one at a time in each server, few waiting, each with an end. Knows no HTTP and
// no process.
import { PlumbError } from '../../schemas/errors.ts';
import type { AnsweredEntity } from '../audit/explain/explainer.ts';

/** Plain data: it goes to another process. */
export type ExplanationRequest = AnsweredEntity;

export interface Explaining {
  /**
   * The JSON of a list, one explanation per feature. TOO_MANY_REQUESTS where enough wait already, TOO_LARGE for what takes too
   * long, CANCELLED after `signal`.
   */
  explain(request: ExplanationRequest, signal: AbortSignal): Promise<string>;
}

/** Two wait while one is made: with 30 seconds for each, a client hears before its connection counts as idle (120 seconds). */
export const EXPLANATION_MILLIS = 30_000;
const MOST_WAITING = 2;
const RETRY_AFTER_MILLIS = 5000;

export class Explanations implements Explaining, AsyncDisposable {
  readonly #explaining: Explaining;
  readonly #stop = new AbortController();
  /** Settles when all that was asked for so far is done. */
  #last: Promise<void> = Promise.resolve();
  #asked = 0;

  constructor(explaining: Explaining) {
    this.#explaining = explaining;
  }

  async explain(request: ExplanationRequest, signal: AbortSignal): Promise<string> {
    if (this.#stop.signal.aborted) throw new PlumbError('DRAINING', 'the server is about to stop and explains no more');
    if (this.#asked > MOST_WAITING) throw tooMany();
    const before = this.#last;
    const { promise: done, resolve: end } = Promise.withResolvers<void>();
    this.#last = before.then(() => done);
    this.#asked += 1;
    const given = AbortSignal.any([signal, this.#stop.signal]);
    try {
      await orAborted(before, given);
      return await this.#explaining.explain(request, given);
    } finally {
      this.#asked -= 1;
      end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#last;
  }
}

async function orAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new PlumbError('CANCELLED', 'the explanation was cancelled'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function tooMany(): PlumbError {
  const message = `$.explain: ${MOST_WAITING} explanations are waiting already; they are made one at a time: try again later`;
  const details = {
    limit: 'waitingExplanations',
    waitingExplanations: MOST_WAITING,
    retryAfterMillis: RETRY_AFTER_MILLIS,
  };
  return new PlumbError('TOO_MANY_REQUESTS', message, { details });
}
