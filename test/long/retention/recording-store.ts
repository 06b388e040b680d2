// A memory store that remembers when each row was written, can fail in the middle of a run, and can be emptied.
import { PlumbError } from '../../../schemas/errors.ts';
import { MemoryOnlineStore } from '../../../src/online/memory/memory-online-store.ts';
import type { FieldName, JudgeOf, OnlineStore, RowSelection, RowWrite } from '../../../src/online/online-store.ts';

export interface WrittenRow {
  readonly entity: Uint8Array;
  /** null: a tombstone. */
  readonly row: Uint8Array | null;
  readonly atMillis: number;
}

export class RecordingStore implements OnlineStore {
  #inner = new MemoryOnlineStore();
  /** Field → the last write of each entity. */
  readonly written = new Map<FieldName, Map<string, WrittenRow>>();
  /** Writes until one fails; null: none does. */
  failAfter: number | null = null;
  failRows = false;

  empty(): void {
    this.#inner = new MemoryOnlineStore();
    this.written.clear();
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]) {
    this.#mayFail();
    if (this.failRows) throw AWAY;
    const answer = await this.#inner.writeRows(field, token, writes);
    const rows = this.written.get(field) ?? new Map<string, WrittenRow>();
    this.written.set(field, rows);
    for (const { entity, row } of writes)
      rows.set(Buffer.from(entity).toString('hex'), { entity, row, atMillis: Date.now() });
    return answer;
  }

  async writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    this.#mayFail();
    return await this.#inner.writeState(view, expected, next);
  }

  ping = () => this.#inner.ping();
  read = (selections: readonly RowSelection[], views: readonly string[]) => this.#inner.read(selections, views);
  readPartially = (selections: readonly RowSelection[], views: readonly string[]) =>
    this.#inner.readPartially(selections, views);
  examine = () => this.#inner.examine();
  streams = () => this.#inner.streams();
  health = () => this.#inner.health();
  listFields = () => this.#inner.listFields();
  listStates = () => this.#inner.listStates();
  removeState = (view: string, expected: Uint8Array) => this.#inner.removeState(view, expected);
  sweep = (judgeOf: JudgeOf, cursor: string | null, limit: number, isDry: boolean) =>
    this.#inner.sweep(judgeOf, cursor, limit, isDry);

  async dropField(field: FieldName): Promise<void> {
    this.written.delete(field);
    await this.#inner.dropField(field);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #mayFail(): void {
    if (this.failAfter === null) return;
    this.failAfter -= 1;
    if (this.failAfter >= 0) return;
    this.failAfter = null;
    throw AWAY;
  }
}

const AWAY = new PlumbError('STORE_UNAVAILABLE', 'the store went away');
