// Batches on their way to a store that takes them one at a time and in order, while the next one is made. So at most two
// batches are in memory, and who makes them waits only where the store is slower.

export interface BatchTarget<T> {
  /** A batch is sent once it has so many items, or so many bytes: it is larger by what was added last at most. */
  readonly size: number;
  readonly sizeBytes: number;
  readonly sizeBytesOf: (item: T) => number;
  readonly write: (batch: readonly T[]) => Promise<unknown>;
  /** After each batch, before the next one is sent: items written so far. */
  readonly onWritten: (written: number) => void;
}

/** Leaving it waits for the batch that is on its way: nothing is written after a failure has been reported. */
export class WriteBehind<T> implements AsyncDisposable {
  readonly #target: BatchTarget<T>;
  #made: (readonly T[])[] = [];
  #madeCount = 0;
  #madeBytes = 0;
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
    this.#madeCount += items.length;
    for (const item of items) this.#madeBytes += this.#target.sizeBytesOf(item);
    if (this.#madeCount >= this.#target.size || this.#madeBytes >= this.#target.sizeBytes) await this.#send();
  }

  /** All that was added is written when it resolves. */
  async finish(): Promise<void> {
    if (this.#madeCount > 0) await this.#send();
    await this.#settle();
  }

  async #send(): Promise<void> {
    await this.#settle();
    const batch = this.#made.flat();
    this.#made = [];
    this.#madeCount = 0;
    this.#madeBytes = 0;
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
