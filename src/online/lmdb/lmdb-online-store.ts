// The embedded online store: one LMDB folder that several processes may open at once. Reads are memory-mapped and never
// wait; writers of all processes take turns. A batch is one transaction, synced to disk before its promise resolves.

import { nextTurn } from '../../turns.ts';
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
import { keysBetween, LmdbAccess } from './lmdb-access.ts';
import * as layout from './lmdb-layout.ts';
import { claimField, LmdbNames, putState, readField, removeField, removeState } from './lmdb-names.ts';
import { LmdbRowReader } from './lmdb-row-reader.ts';
import { LmdbStreamStore, removeSentinels } from './lmdb-stream-store.ts';
import { removeSwept, sweepField } from './lmdb-sweep.ts';
import { type LmdbDatabase, type LmdbOpening, openLmdb } from './open-lmdb.ts';

const DROP_STEP_ROWS = 10_000;
/** Of one read; some 5 ms. */
const READ_STEP_ROWS = 10_000;

export class LmdbOnlineStore implements OnlineStore {
  readonly #access: LmdbAccess;
  readonly #scratch = new layout.RowScratch();
  readonly #rows = new LmdbRowReader(this.#scratch);
  readonly #names = new LmdbNames();
  readonly #streams: LmdbStreamStore;

  private constructor(access: LmdbAccess) {
    this.#access = access;
    this.#streams = new LmdbStreamStore(access);
  }

  /**
   * Makes the folder where there is none, unless told otherwise. STORE_UNAVAILABLE where it cannot be used, or holds another
   * project's rows; from then on also where it was removed or replaced, which `onLost` is told once.
   */
  static async open(
    folder: string,
    project: string,
    { onLost = () => {}, mayCreate = true }: Partial<LmdbOpening & { readonly onLost: () => void }> = {},
  ): Promise<LmdbOnlineStore> {
    return new LmdbOnlineStore(new LmdbAccess(await openLmdb(folder, project, { mayCreate }), folder, onLost));
  }

  async ping(): Promise<void> {
    this.#access.read((database) => database.get(layout.OWNER_KEY));
  }

  async examine(): Promise<StoreExamination> {
    await this.ping();
    return { found: 'lmdb answers', dangers: [] };
  }

  /** Rows and states of one snapshot; many rows in steps, with states read last, so that none is older than a row. */
  async read(selections: readonly RowSelection[], views: readonly string[]): Promise<StoredData> {
    const rowCount = selections.reduce((sum, { entities, fields }) => sum + entities.length * fields.length, 0);
    const rows: SelectedRows[] | null = rowCount > READ_STEP_ROWS ? await this.#readInSteps(selections) : null;
    return this.#access.read((database) => {
      this.#names.follow(database);
      return {
        rows: rows ?? selections.map((selection) => this.#rowsOf(database, selection)),
        states: views.map((view) => this.#names.state(database, view)),
      };
    });
  }

  async readPartially(selections: readonly RowSelection[], views: readonly string[]): Promise<PartialData> {
    return { ...(await this.read(selections, views)), tokens: null };
  }

  health(): readonly [] {
    return [];
  }

  async #readInSteps(selections: readonly RowSelection[]): Promise<SelectedRows[]> {
    const rows: SelectedRows[] = [];
    for (const { entities, fields } of selections) {
      const selected: SelectedRows[number][] = [];
      const step = Math.ceil(READ_STEP_ROWS / Math.max(1, fields.length));
      for (let from = 0; from < entities.length; from += step) {
        const some = { entities: entities.slice(from, from + step), fields };
        selected.push(
          ...this.#access.read((database) => {
            this.#names.follow(database);
            return this.#rowsOf(database, some);
          }),
        );
        await nextTurn();
      }
      rows.push(selected);
    }
    return rows;
  }

  async writeRows(field: FieldName, token: bigint, writes: readonly RowWrite[]): Promise<{ readonly written: number }> {
    if (writes.length === 0) return { written: 0 };
    const written = this.#access.write((database) => {
      const { id, maxToken } = claimField(database, field, token);
      // Where no greater token was ever written, no row can have one: nothing to read.
      return maxToken > token
        ? this.#putFenced(database, id, token, writes)
        : this.#putAll(database, id, token, writes);
    });
    return { written };
  }

  streams(): StreamStore {
    return this.#streams;
  }

  async dropField(field: FieldName): Promise<void> {
    this.#access.write((database) => {
      removeSentinels(database, field);
      const known = readField(database, field);
      if (known === null) return;
      removeField(database, field);
      database.putSync(layout.droppedKey(known.id), Buffer.alloc(0));
    });
    for (const id of this.#access.read(droppedFieldIds)) await this.#removeRows(id);
  }

  async listFields(): Promise<readonly FieldName[]> {
    return this.#access.read((database) =>
      [...keysBetween(database, layout.FIRST_FIELD_KEY, layout.LAST_FIELD_ID_KEY)].map(layout.nameInKey),
    );
  }

  /** The cursor is the place of the last record that was looked at: its field, and its key in hexadecimal digits. */
  async sweep(judgeOf: JudgeOf, cursor: string | null, limit: number, isDry: boolean): Promise<SweepStep> {
    const [lastField, lastKey] = cursor === null ? ['', ''] : (JSON.parse(cursor) as readonly [FieldName, string]);
    let [seen, removed] = [0, 0];
    for (const field of (await this.listFields()).toSorted()) {
      const judge = field < lastField ? null : judgeOf(field);
      const id = judge === null ? undefined : this.#access.read((database) => readField(database, field)?.id);
      if (judge === null || id === undefined) continue;
      const after = field === lastField ? Buffer.from(lastKey, 'hex') : null;
      const found = this.#access.read((database) => sweepField(database, { id, judge, after, limit: limit - seen }));
      seen += found.seen;
      if (isDry) removed += found.over.length;
      else if (found.over.length > 0) removed += this.#access.write((database) => removeSwept(database, found));
      if (seen === limit) return { seen, removed, cursor: JSON.stringify([field, found.lastKey.toString('hex')]) };
    }
    return { seen, removed, cursor: null };
  }

  async listStates(): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#access.read((database) => {
      const keys = [...keysBetween(database, layout.FIRST_STATE_KEY, layout.FIRST_FIELD_KEY)];
      return new Map(keys.map((key) => [layout.nameInKey(key), database.get(Buffer.from(key)) ?? Buffer.alloc(0)]));
    });
  }

  async writeState(view: string, expected: Uint8Array | null, next: Uint8Array): Promise<boolean> {
    return this.#access.write((database) => {
      const stored = database.get(layout.stateKey(view)) ?? null;
      const matches = stored === null || expected === null ? stored === expected : stored.equals(expected);
      if (matches) putState(database, view, next);
      return matches;
    });
  }

  async removeState(view: string, expected: Uint8Array): Promise<boolean> {
    return this.#access.write((database) => {
      const matches = database.get(layout.stateKey(view))?.equals(expected) ?? false;
      if (matches) removeState(database, view);
      return matches;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#access[Symbol.asyncDispose]();
  }

  #rowsOf(database: LmdbDatabase, { entities, fields }: RowSelection): SelectedRows {
    const fieldIds = fields.map((field) => this.#names.fieldId(database, field));
    return entities.map((entity) => fieldIds.map((id) => (id === null ? null : this.#rows.read(database, id, entity))));
  }

  #putAll(database: LmdbDatabase, fieldId: number, token: bigint, writes: readonly RowWrite[]): number {
    for (const { entity, row } of writes) {
      database.putSync(this.#scratch.key(fieldId, entity), this.#scratch.record(token, entity, row));
    }
    return writes.length;
  }

  #putFenced(database: LmdbDatabase, fieldId: number, token: bigint, writes: readonly RowWrite[]): number {
    const allowed = writes.filter(({ entity }) => {
      const record = database.getBinary(this.#scratch.key(fieldId, entity));
      return record === undefined || layout.tokenOfRecord(record) <= token;
    });
    return this.#putAll(database, fieldId, token, allowed);
  }

  async #removeRows(fieldId: number): Promise<void> {
    const [first, end] = [layout.firstRowKey(fieldId), layout.firstRowKey(fieldId + 1)];
    for (let removed = DROP_STEP_ROWS; removed === DROP_STEP_ROWS; ) {
      removed = this.#access.write((database) => {
        const keys = [...keysBetween(database, first, end, DROP_STEP_ROWS)];
        for (const key of keys) database.removeSync(key);
        return keys.length;
      });
      await new Promise(setImmediate);
    }
    this.#access.write((database) => database.removeSync(layout.droppedKey(fieldId)));
  }
}

const droppedFieldIds = (database: LmdbDatabase): number[] =>
  [...keysBetween(database, layout.FIRST_DROPPED_KEY, layout.FIRST_ROW_KEY)].map(layout.fieldIdInKey);
