// An online store that is opened by its first use, for a server that starts before the store can be opened, and before it is
// known that its folder is the right one: a server looks a version up before it reads a row, so nothing is made in a folder
// whose file system is not mounted yet. What failed is tried again by later calls, after a pause.
import { backoffMillis } from '../backoff.ts';
import type { FieldName, OnlineStore, RowSelection, RowWrite, StoredData } from './online-store.ts';

const PAUSE = { firstMillis: 50, longestMillis: 2000 };

export class DeferredOnlineStore implements OnlineStore {
  readonly #open: () => Promise<OnlineStore>;
  #store: OnlineStore | null = null;
  #opening: Promise<OnlineStore> | null = null;
  #failures = 0;

  constructor(open: () => Promise<OnlineStore>) {
    this.#open = open;
  }

  async ping(): Promise<void> {
    await (await this.#opened()).ping();
  }

  read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    if (this.#store !== null) return this.#store.read(selections, views);
    return this.#opened().then((store) => store.read(selections, views));
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    return await (await this.#opened()).writeRows(field, token, writes);
  }

  async dropField(field: FieldName): Promise<void> {
    await (await this.#opened()).dropField(field);
  }

  async listFields(): Promise<readonly FieldName[]> {
    return await (await this.#opened()).listFields();
  }

  async listStates(): Promise<ReadonlyMap<string, Uint8Array>> {
    return await (await this.#opened()).listStates();
  }

  async writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    return await (await this.#opened()).writeState(view, expected, next);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const store = await this.#opening?.catch(() => null);
    await store?.[Symbol.asyncDispose]();
  }

  /** One attempt at a time; its failure is every caller's until the pause after it is over. */
  #opened(): Promise<OnlineStore> {
    this.#opening ??= this.#attempt();
    return this.#opening;
  }

  async #attempt(): Promise<OnlineStore> {
    try {
      this.#store = await this.#open();
      return this.#store;
    } catch (error) {
      this.#failures += 1;
      setTimeout(
        () => {
          this.#opening = null;
        },
        backoffMillis(this.#failures, PAUSE),
      ).unref();
      throw error;
    }
  }
}
