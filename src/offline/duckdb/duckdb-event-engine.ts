import type { RowsNode } from '../../plan/nodes.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { EVENT_COLUMNS, eventScanSql } from '../../sql/duckdb/scan.ts';
import { erasedTables } from '../../sql/erased-rows.ts';
import { rowsSelect } from '../../sql/rows.ts';
import type { EngineEvent, EventEngine, EventRow } from '../event-engine.ts';
import { chunkRows } from './chunk-rows.ts';
import { type ReadableRows, type ReadRow, readableRows } from './readable-rows.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

const TABLE = 'stream_events';
const { offset: OFFSET, appendMicros: APPENDED } = EVENT_COLUMNS;

export class DuckdbEventEngine implements EventEngine {
  readonly #session: DuckdbSession;
  readonly #loaded = new WeakSet<RowsNode>();

  private constructor(session: DuckdbSession) {
    this.#session = session;
  }

  /** Of one partition: batches are taken one after the other. */
  static async open(limits: EngineLimits): Promise<DuckdbEventEngine> {
    return new DuckdbEventEngine(await DuckdbSession.open({ ...limits, files: [], folders: [] }));
  }

  async rowsOf(events: readonly EngineEvent[], plans: readonly RowsNode[]): Promise<readonly (readonly EventRow[])[]> {
    // Anew: the room of rows that are deleted from a table that stays is not given back.
    await this.#session.run(`CREATE OR REPLACE TEMP TABLE ${TABLE} (json JSON, ${OFFSET} BIGINT, ${APPENDED} BIGINT)`);
    await this.#session.append(TABLE, [
      events.map(({ text }) => text),
      events.map(({ offset }) => offset),
      events.map(({ appendMicros }) => appendMicros),
    ]);
    const found: (readonly EventRow[])[] = [];
    for (const plan of plans) {
      await this.#loadErased(plan);
      found.push(await this.#rows(plan));
    }
    return found;
  }

  /** The keys of a plan do not change. */
  async #loadErased(plan: RowsNode): Promise<void> {
    if (this.#loaded.has(plan)) return;
    this.#loaded.add(plan);
    for (const { name, select } of erasedTables(duckdbDialect, plan))
      await this.#session.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${select}`);
  }

  async #rows(plan: RowsNode): Promise<readonly EventRow[]> {
    const { sql, types, read } = compiled(plan);
    const rows: EventRow[] = [];
    for await (const chunk of this.#session.chunks(sql))
      for (const row of chunkRows(chunk, types)) rows.push(loggedRow(read(row)));
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

/** Each is of an event of the log, which has both. */
const loggedRow = ({ createdMicros, also: [offset], ...row }: ReadRow): EventRow => ({
  ...row,
  createdMicros: createdMicros as bigint,
  offset: offset as bigint,
});

interface CompiledRows extends ReadableRows {
  readonly sql: string;
}

const known = new WeakMap<RowsNode, CompiledRows>();

function compiled(plan: RowsNode): CompiledRows {
  const made = known.get(plan) ?? compile(plan);
  known.set(plan, made);
  return made;
}

function compile(plan: RowsNode): CompiledRows {
  const rows = readableRows(plan, [OFFSET]);
  const select = rowsSelect(duckdbDialect, plan, eventScanSql(plan.scan.source, TABLE), { also: [OFFSET] });
  return { ...rows, sql: `SELECT ${rows.items}\nFROM (\n${select}\n)\nORDER BY ${OFFSET}` };
}
