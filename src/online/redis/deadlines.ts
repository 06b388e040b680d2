// Many waits of one length with one timer: they end in the order in which they began.
export interface Waiting {
  expire(): void;
}

export class Deadlines<T extends Waiting> {
  readonly #afterMillis: number;
  /** Oldest first. */
  readonly #open = new Map<T, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(afterMillis: number) {
    this.#afterMillis = afterMillis;
  }

  add(waiting: T): void {
    this.#open.set(waiting, performance.now() + this.#afterMillis);
    if (this.#timer === null) this.#wait(this.#afterMillis);
  }

  remove(waiting: T): void {
    this.#open.delete(waiting);
  }

  /** What waits has a connection that keeps the process; the timer does not. */
  #wait(millis: number): void {
    this.#timer = setTimeout(() => this.#expire(), Math.ceil(millis)).unref();
  }

  #expire(): void {
    this.#timer = null;
    const now = performance.now();
    for (const [waiting, endMillis] of this.#open) {
      if (endMillis > now) {
        this.#wait(endMillis - now);
        return;
      }
      this.#open.delete(waiting);
      waiting.expire();
    }
  }
}
