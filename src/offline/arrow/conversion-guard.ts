// parquet-wasm panics where it meets what it does not expect: some panics reach us as an uncaught exception, others leave a
// promise that never settles. Either way the labels are refused, and nobody waits.
import { PlumbError } from '../../../schemas/errors.ts';

/** It computes on this thread and waits for nothing but the disk. */
const STALL_MILLIS = 60_000;

export class ConversionGuard implements Disposable {
  readonly #stallMillis: number;
  readonly #stopped = Promise.withResolvers<never>();
  #timer: NodeJS.Timeout;

  constructor(stallMillis = STALL_MILLIS) {
    this.#stallMillis = stallMillis;
    this.#stopped.promise.catch(() => undefined);
    this.#timer = this.#startTimer();
    process.on('uncaughtException', this.#onUncaught);
  }

  /** Rejects where the work stands still or panics. */
  async watch<T>(work: Promise<T>): Promise<T> {
    return await Promise.race([work, this.#stopped.promise]);
  }

  moved(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#startTimer();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    process.off('uncaughtException', this.#onUncaught);
  }

  readonly #onUncaught = (error: unknown): void => {
    // What WebAssembly throws; TypeScript's library knows its class for browsers only.
    if ((error as Error | null)?.name !== 'RuntimeError') throw error;
    this.#stopped.reject(notConvertible(error));
  };

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#stopped.reject(notConvertible(null)), this.#stallMillis);
  }
}

const notConvertible = (cause: unknown): PlumbError =>
  new PlumbError(
    'INVALID_LABELS',
    'the labels hold a column that cannot be converted: expected numbers, text, bytes, instants, or lists and structs of them; leave out columns of other types',
    { cause },
  );
