// Tells somebody, by a POST, that a schedule failed: bounded in time and number. The address may hold a secret and is
// never written anywhere; a redirect is a failure, because nobody chose the address that it names.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMillis } from '../backoff.ts';

export interface WebhookLogger {
  error(context: object, message: string): void;
}

export interface WebhookOptions {
  /** null: nobody is told. */
  readonly url: string | null;
  readonly logger: WebhookLogger;
  readonly onDropped: () => void;
  readonly firstRetryMillis?: number;
}

const ATTEMPTS = 4;
const TIMEOUT_MILLIS = 10_000;
const MOST_UNDER_WAY = 20;

export class Webhook implements AsyncDisposable {
  readonly #options: WebhookOptions;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Returns at once; what cannot be told is in the log. */
  tell(message: object): void {
    const { url } = this.#options;
    if (url === null) return;
    if (this.#underWay.size >= MOST_UNDER_WAY) {
      this.#dropped('too many are under way');
      return;
    }
    const told = this.#deliver(url, message).finally(() => this.#underWay.delete(told));
    this.#underWay.add(told);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#underWay);
  }

  async #deliver(url: string, message: object): Promise<void> {
    const text = JSON.stringify(message);
    const { firstRetryMillis: firstMillis = 1000 } = this.#options;
    for (let failures = 0; ; ) {
      const problem = await this.#post(url, text);
      if (problem === null) return;
      failures += 1;
      if (failures === ATTEMPTS || this.#stop.signal.aborted) return this.#dropped(problem);
      const pause = backoffMillis(failures, { firstMillis, longestMillis: 60_000 });
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** null where it was taken. Only a status or the name of an error is told: both are without the address. */
  async #post(url: string, body: string): Promise<string | null> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(TIMEOUT_MILLIS)]);
    const headers = { 'content-type': 'application/json', 'user-agent': 'plumb' };
    try {
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      await answer.body?.cancel();
      return answer.ok ? null : `it answered ${answer.status}`;
    } catch (error) {
      const { name, cause } = error as Error;
      return `it did not answer: ${(cause as { code?: string } | undefined)?.code ?? name}`;
    }
  }

  #dropped(reason: string): void {
    this.#options.onDropped();
    this.#options.logger.error({ reason }, 'the webhook of notify.url was not told of a failure');
  }
}
