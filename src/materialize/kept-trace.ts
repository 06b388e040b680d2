// Writes the trace of a run to the storage while it grows, so that others see how far it is and where it died.
import type { RecordedTrace, RunTrace } from './run-trace.ts';

const EVERY_MILLIS = 2000;

export class KeptTrace {
  readonly #trace: RunTrace;
  readonly #write: (trace: RecordedTrace) => Promise<void>;
  readonly #everyMillis: number;
  #timer: NodeJS.Timeout | null = null;
  #written: Promise<void> = Promise.resolve();

  /** Writes at once, then so often at most, where it has changed. */
  constructor(trace: RunTrace, write: (trace: RecordedTrace) => Promise<void>, everyMillis = EVERY_MILLIS) {
    this.#trace = trace;
    this.#write = write;
    this.#everyMillis = everyMillis;
    trace.onChange(() => {
      this.#timer ??= setTimeout(() => this.#writeNow(), this.#everyMillis).unref();
    });
    this.#writeNow();
  }

  /** Writes it for the last time. */
  async close(): Promise<void> {
    this.#trace.onChange(() => {});
    this.#writeNow();
    await this.#written;
  }

  /** One after the other. One that fails is made good by the next: a run does not fail for want of its trace. */
  #writeNow(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#written = this.#written.then(() => this.#write(this.#trace.recorded)).catch(() => undefined);
  }
}
