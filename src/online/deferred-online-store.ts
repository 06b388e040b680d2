// An online store that is opened by its first use, for a server that starts before the store can be opened, and before it is
// known that its folder is the right one: a server looks a version up before it reads a row, so nothing is made in a folder
// whose file system is not mounted yet. What failed is tried again by later calls, after a pause. A store that says that it is
// lost, because its folder was removed or replaced, is closed and opened anew, but not made.
import { backoffMillis } from '../backoff.ts';
import { deferredStreams } from './deferred-stream-store.ts';
import type {
  FieldName,
  JudgeOf,
  OnlineStore,
  PartialData,
  RowSelection,
  RowWrite,
  StoredData,
  StoreExamination,
  StoreNodeHealth,
  SweepStep,
} from './online-store.ts';
import type { StreamStore } from './stream-store.ts';

const PAUSE = { firstMillis: 50, longestMillis: 2000 };

export interface Opening {
  /** To be called once the open store is not the one any more that its address names. */
  readonly onLost: () => void;
  /** False after a loss: an empty store in its place would hide it. */
  readonly mayCreate: boolean;
}

export class DeferredOnlineStore implements OnlineStore {
  readonly #open: (opening: Opening) => Promise<OnlineStore>;
  #store: OnlineStore | null = null;
  #opening: Promise<OnlineStore> | null = null;
  #failures = 0;
  #mayCreate = true;
  readonly #streams = deferredStreams(() => this.#opened());

  constructor(open: (opening: Opening) => Promise<OnlineStore>) {
    this.#open = open;
  }

  async ping(): Promise<void> {
    await (await this.#opened()).ping();
  }

  read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    if (this.#store !== null) return this.#store.read(selections, views);
    return this.#opened().then((store) => store.read(selections, views));
  }

  readPartially(selections: readonly RowSelection[], views: readonly string[]): Promise<PartialData> {
    return this.#opened().then((store) => store.readPartially(selections, views));
  }

  async examine(): Promise<StoreExamination> {
    return await (await this.#opened()).examine();
  }

  /** Of a store that is not open nothing is known. */
  health(): readonly StoreNodeHealth[] {
    return this.#store?.health() ?? [];
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    return await (await this.#opened()).writeRows(field, token, writes);
  }

  streams(): StreamStore {
    return this.#streams;
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

  async sweep(judgeOf: JudgeOf, cursor: string | null, limit: number, isDry: boolean): Promise<SweepStep> {
    return await (await this.#opened()).sweep(judgeOf, cursor, limit, isDry);
  }

  async removeState(view: string, expected: Uint8Array): Promise<boolean> {
    return await (await this.#opened()).removeState(view, expected);
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
      const store = await this.#open({ onLost: () => this.#reopen(), mayCreate: this.#mayCreate });
      this.#store = store;
      this.#failures = 0;
      return store;
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

  /** Closed first: LMDB shares what is open under one path. */
  #reopen(): void {
    const lost = this.#store;
    this.#store = null;
    this.#mayCreate = false;
    this.#opening = Promise.resolve(lost?.[Symbol.asyncDispose]())
      .catch(() => undefined)
      .then(() => this.#attempt());
    // Calls made meanwhile get its failure. If there are none, it must not count as an unhandled rejection.
    this.#opening.catch(() => undefined);
  }
}
