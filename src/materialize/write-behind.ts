// Batches on their way to a store that takes them one at a time and in order, while the next one is made. So at most two
// batches are in memory, and who makes them waits only where the store is slower.

export interface BatchTarget<T> {
  /** Items of a batch, or a few more. */
  readonly size: number;
  readonly write: (batch: readonly T[]) => Promise<unknown>;
  /** After each batch, before the next one is sent: items written so far. */
  readonly onWritten: (written: number) => void;
}

/** Leaving it waits for the batch that is on its way: nothing is written after a failure has been reported. */
export class WriteBehind<T> implements AsyncDisposable {
  readonly #target: BatchTarget<T>;
  #made: (readonly T[])[] = [];
  #madeSize = 0;
  #onItsWay: { readonly size: number; readonly done: Promise<unknown> } | null = null;
  #written = 0;

  constructor(target: BatchTarget<T>) {
    this.#target = target;
  }

  get written(): number {
    return this.#written;
  }

  /** Rejects where a batch before failed. */
  async add(items: readonly T[]): Promise<void> {
    this.#made.push(items);
    this.#madeSize += items.length;
    if (this.#madeSize >= this.#target.size) await this.#send();
  }

  /** All that was added is written when it resolves. */
  async finish(): Promise<void> {
    if (this.#madeSize > 0) await this.#send();
    await this.#settle();
  }

  async #send(): Promise<void> {
    await this.#settle();
    const batch = this.#made.flat();
    this.#made = [];
    this.#madeSize = 0;
    const done = this.#target.write(batch);
    // A failure comes up where the next batch waits.
    done.catch(() => undefined);
    this.#onItsWay = { size: batch.length, done };
  }

  async #settle(): Promise<void> {
    if (this.#onItsWay === null) return;
    const { size, done } = this.#onItsWay;
    await done;
    this.#onItsWay = null;
    this.#written += size;
    this.#target.onWritten(this.#written);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#onItsWay?.done.catch(() => undefined);
  }
}
