// When a failed request to S3 is repeated, and how long it waits before: exponential backoff with full jitter, until the
// patience of the request is over. Where the service asks to slow down, every later request of this client waits a little
// before it is sent; that pause doubles with each such answer and halves with each success.
import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

interface PatientToken extends RetryToken {
  readonly startedAtMillis: number;
  /** null before the first failure. */
  readonly failingSinceMillis: number | null;
}

interface FailedAttempt {
  readonly errorType: string;
  readonly error?: unknown;
  readonly retryAfterHint?: Date;
}

const FIRST_DELAY_MILLIS = 50;
const FIRST_DELAY_SLOWED_MILLIS = 200;
const LONGEST_DELAY_MILLIS = 5000;
const LONGEST_PAUSE_MILLIS = 2000;

/** The service could not decide between two writers of one key, or another operation on it is under way: ask again. */
const CONTENDED = new Set(['ConditionalRequestConflict', 'OperationAborted']);

/** `leftMillis`: how much longer the request is repeated. */
type OnTrouble = (error: unknown, leftMillis: number) => void;

/** What passes sooner is nobody's trouble. */
const QUIET_MILLIS = 2000;
const TOLD_EVERY_MILLIS = 10_000;

/** In the form that the SDK takes as `retryStrategy`. */
export class PatientRetries {
  readonly #retryForMillis: number;
  readonly #onTrouble: OnTrouble;
  #pauseMillis = 0;
  #toldAtMillis = Number.NEGATIVE_INFINITY;

  constructor(retryForMillis: number, onTrouble: OnTrouble = () => undefined) {
    this.#retryForMillis = retryForMillis;
    this.#onTrouble = onTrouble;
  }

  async acquireInitialRetryToken(_scope: string): Promise<PatientToken> {
    const startedAtMillis = Date.now();
    if (this.#pauseMillis > 0) await sleep(Math.random() * this.#pauseMillis);
    return token(startedAtMillis, null, 0, 0);
  }

  async refreshRetryTokenForRetry(
    failed: RetryToken & Partial<PatientToken>,
    { errorType, error, retryAfterHint }: FailedAttempt,
  ) {
    const slowed = errorType === 'THROTTLING' || statusOf(error) === 503;
    if (slowed) this.#pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, this.#pauseMillis * 2 || FIRST_DELAY_MILLIS);
    if (isFinal(errorType, error)) throw new Error('the failure is final');
    const { startedAtMillis = Date.now() } = failed;
    const failingSinceMillis = failed.failingSinceMillis ?? Date.now();
    const delay = Math.max(
      backoffMillis(failed.getRetryCount(), slowed),
      Math.min((retryAfterHint?.getTime() ?? 0) - Date.now(), LONGEST_DELAY_MILLIS),
    );
    if (Date.now() + delay - startedAtMillis > this.#retryForMillis) throw new Error('the patience is over');
    this.#tell(error, failingSinceMillis, startedAtMillis);
    return token(startedAtMillis, failingSinceMillis, failed.getRetryCount() + 1, delay);
  }

  #tell(error: unknown, failingSinceMillis: number, startedAtMillis: number): void {
    const now = Date.now();
    if (now - failingSinceMillis < QUIET_MILLIS || now - this.#toldAtMillis < TOLD_EVERY_MILLIS) return;
    this.#toldAtMillis = now;
    this.#onTrouble(error, startedAtMillis + this.#retryForMillis - now);
  }

  recordSuccess(_token: RetryToken): void {
    this.#pauseMillis = this.#pauseMillis < 10 ? 0 : this.#pauseMillis / 2;
  }

  /** Repeats `attempt` likewise while it fails with an error that `mayPass`. */
  async whilePassing<T>(attempt: () => Promise<T>, mayPass: (error: unknown) => boolean): Promise<T> {
    const startedAtMillis = Date.now();
    for (let count = 0; ; count += 1) {
      try {
        return await attempt();
      } catch (error) {
        const delay = backoffMillis(count, false);
        if (!mayPass(error) || Date.now() + delay - startedAtMillis > this.#retryForMillis) throw error;
        await sleep(delay);
      }
    }
  }
}

const token = (
  startedAtMillis: number,
  failingSinceMillis: number | null,
  count: number,
  delayMillis: number,
): PatientToken => ({
  startedAtMillis,
  failingSinceMillis,
  getRetryCount: () => count,
  getRetryDelay: () => delayMillis,
});

const backoffMillis = (retries: number, slowed: boolean): number =>
  Math.random() *
  Math.min(LONGEST_DELAY_MILLIS, (slowed ? FIRST_DELAY_SLOWED_MILLIS : FIRST_DELAY_MILLIS) * 2 ** retries);

/** 501: the service cannot do it, now or later. */
const isFinal = (errorType: string, error: unknown): boolean =>
  statusOf(error) === 501 || (errorType === 'CLIENT_ERROR' && !CONTENDED.has(nameOf(error)));

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');
const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
