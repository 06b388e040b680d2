// The process of a server that applies events: started when the project has a stream, and again when it ended. Lookups are
// answered in others, so that neither waits for the other one.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMillis } from '../backoff.ts';
import { soonOr } from '../soon-or.ts';

export interface StreamProcessOptions<Observed> {
  readonly fork: () => ChildProcess;
  /** Whether there is anything to do for it. */
  readonly isNeeded: () => Promise<boolean>;
  /** What it has observed since it began. */
  readonly onObserved: (observed: Observed) => void;
  readonly onEnded: () => void;
  readonly logger: { warn(context: object, message: string): void };
}

const LOOK_EVERY_MILLIS = 500;
const PAUSES = { firstMillis: 100, longestMillis: 5000 } as const;
const STEADY_MILLIS = 60_000;
/** From being told to end until it is made to. */
const GRACE_MILLIS = 5000;

export class StreamProcess<Observed> implements AsyncDisposable {
  readonly #options: StreamProcessOptions<Observed>;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #child: ChildProcess | null = null;

  constructor(options: StreamProcessOptions<Observed>) {
    this.#options = options;
    this.#done = this.#supervise();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    const child = this.#child;
    child?.kill('SIGTERM');
    if (
      !(await soonOr(
        this.#done.then(() => true),
        false,
        GRACE_MILLIS,
      ))
    )
      child?.kill('SIGKILL');
    await this.#done;
  }

  async #supervise(): Promise<void> {
    const { logger, onEnded } = this.#options;
    await this.#untilNeeded();
    for (let ends = 1; !this.#stop.signal.aborted; ends += 1) {
      const startedMillis = performance.now();
      const how = await this.#runOnce();
      onEnded();
      if (this.#stop.signal.aborted) return;
      if (performance.now() - startedMillis > STEADY_MILLIS) ends = 1;
      logger.warn({}, `the process that applies events ${how}; it is started again`);
      await this.#pause(backoffMillis(ends, PAUSES));
    }
  }

  /** Resolves with how it ended. */
  async #runOnce(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const child = this.#options.fork();
    this.#child = child;
    child.on('message', (message) => this.#options.onObserved(message as Observed));
    child.once('error', ({ message }) => resolve(`does not start: ${message}`));
    child.once('exit', (code, signal) => resolve(signal === null ? `ended with ${code}` : `was ended by ${signal}`));
    return await promise.finally(() => {
      this.#child = null;
    });
  }

  async #untilNeeded(): Promise<void> {
    while (!this.#stop.signal.aborted && !(await this.#options.isNeeded().catch(() => false)))
      await this.#pause(LOOK_EVERY_MILLIS);
  }

  async #pause(millis: number): Promise<void> {
    await sleep(millis, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
