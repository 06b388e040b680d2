// The online store in this process's memory: for tests, feature tests and trying things out. Gone with the process.
import type {
  FieldName,
  JudgeOf,
  OnlineStore,
  PartialData,
  RowSelection,
  RowWrite,
  SelectedRows,
  StoredData,
  StoreExamination,
  SweepStep,
} from '../online-store.ts';
import type { StreamStore } from '../stream-store.ts';
import { MemoryStreamStore } from './memory-stream-store.ts';
import { copy, copyOrNull, mapKey, type StoredRow, type StoredRows } from './stored-rows.ts';

export class MemoryOnlineStore implements OnlineStore {
  readonly #fields: StoredRows = new Map();
  readonly #streams = new MemoryStreamStore(this.#fields);
  readonly #states = new Map<string, Uint8Array>();

  async ping(): Promise<void> {}

  async examine(): Promise<StoreExamination> {
    return { found: 'memory answers', dangers: [] };
  }

  async read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    return {
      rows: selections.map((selection) => this.#rowsOf(selection)),
      states: views.map((view) => this.#states.get(view) ?? null),
    };
  }

  async readPartially(selections: readonly RowSelection[], views: readonly string[]): Promise<PartialData> {
    return { ...(await this.read(selections, views)), tokens: null };
  }

  health(): readonly [] {
    return [];
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    if (writes.length === 0) return { written: 0 };
    const rows = this.#fields.get(field) ?? new Map<string, StoredRow>();
    this.#fields.set(field, rows);
    let written = 0;
    for (const { entity, row } of writes) {
      const key = mapKey(entity);
      if ((rows.get(key)?.token ?? token) > token) continue;
      rows.set(key, { token, row: copyOrNull(row) });
      written += 1;
    }
    return { written };
  }

  streams(): StreamStore {
    return this.#streams;
  }

  async dropField(field: FieldName): Promise<void> {
    await this.#streams.dropSentinels(field);
    this.#fields.delete(field);
  }

  async listFields(): Promise<readonly FieldName[]> {
    return [...this.#fields.keys()].toSorted();
  }

  /** The cursor is the place of the last record that was looked at: its field and its key. */
  async sweep(judgeOf: JudgeOf, cursor: string | null, limit: number, isDry: boolean): Promise<SweepStep> {
    const after = cursor === null ? null : (JSON.parse(cursor) as readonly [FieldName, string]);
    let [seen, removed] = [0, 0];
    for (const field of [...this.#fields.keys()].toSorted()) {
      const judge = after !== null && field < after[0] ? null : judgeOf(field);
      const rows = this.#fields.get(field);
      if (judge === null || rows === undefined) continue;
      for (const key of [...rows.keys()].toSorted()) {
        if (after !== null && field === after[0] && key <= after[1]) continue;
        seen += 1;
        const record = rows.get(key) as StoredRow;
        if (judge(record) && rows.get(key) === record) {
          removed += 1;
          if (!isDry) rows.delete(key);
        }
        if (seen === limit) return { seen, removed, cursor: JSON.stringify([field, key]) };
      }
    }
    return { seen, removed, cursor: null };
  }

  async listStates(): Promise<ReadonlyMap<string, Uint8Array>> {
    return new Map(this.#states);
  }

  async writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    const stored = this.#states.get(view) ?? null;
    const matches = stored === null || expected === null ? stored === expected : Buffer.compare(stored, expected) === 0;
    if (matches) this.#states.set(view, copy(next));
    return matches;
  }

  async removeState(view: string, expected: Uint8Array): Promise<boolean> {
    const stored = this.#states.get(view) ?? null;
    return stored !== null && Buffer.compare(stored, expected) === 0 && this.#states.delete(view);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #rowsOf({ entities, fields }: RowSelection): SelectedRows {
    const rows = fields.map((field) => this.#fields.get(field));
    return entities.map((entity) => {
      const key = mapKey(entity);
      return rows.map((field) => copyOrNull(field?.get(key)?.row));
    });
  }
}
