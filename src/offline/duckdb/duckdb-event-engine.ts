// Micro-batches of events through the embedded engine: one session that stays open, with one table that is filled anew for each.
import type { DataType } from '../../../schemas/types.ts';
import { FAILED } from '../../aggregate/partial.ts';
import type { RowsNode } from '../../plan/nodes.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { readable } from '../../sql/duckdb/readable.ts';
import { EVENT_COLUMNS, eventScanSql } from '../../sql/duckdb/scan.ts';
import { erasedTables } from '../../sql/erased-rows.ts';
import { failureFlag, keyNames, rowsSelect, whereFlag } from '../../sql/rows.ts';
import type { EngineEvent, EventEngine, EventRow } from '../event-engine.ts';
import { chunkRows } from './chunk-rows.ts';
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
      for (const row of chunkRows(chunk, types)) rows.push(read(row));
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

interface CompiledRows {
  readonly sql: string;
  readonly types: readonly DataType[];
  read(row: readonly unknown[]): EventRow;
}

const known = new WeakMap<RowsNode, CompiledRows>();

function compiled(plan: RowsNode): CompiledRows {
  const made = known.get(plan) ?? compile(plan);
  known.set(plan, made);
  return made;
}

function compile(plan: RowsNode): CompiledRows {
  const items: string[] = [];
  const types: DataType[] = [];
  const add = (sql: string, type: DataType): number => {
    items.push(readable(sql, type));
    return types.push(type) - 1;
  };
  const flag = (sql: string | null): number | null => (sql === null ? null : add(sql, 'bool'));
  const [offset, event, created] = [OFFSET, 'ts', 'created'].map((name) => add(name, 'int64')) as [
    number,
    number,
    number,
  ];
  const keys = keyNames(plan).map((name, i) => add(name, plan.keys[i]?.type ?? 'bool'));
  const failed = flag(whereFlag(plan));
  const cells = plan.inputs.map((input) => ({
    value: add(input.id, input.expression.type),
    failed: flag(failureFlag(plan, input)),
  }));
  const select = rowsSelect(duckdbDialect, plan, eventScanSql(plan.scan.source, TABLE), { also: [OFFSET] });
  return {
    sql: `SELECT ${items.join(', ')}\nFROM (\n${select}\n)\nORDER BY ${OFFSET}`,
    types,
    read: (row) => {
      const hasFailed = failed !== null && row[failed] === true;
      return {
        offset: row[offset] as bigint,
        eventMicros: row[event] as bigint,
        createdMicros: row[created] as bigint,
        keys: keys.map((key) => row[key] as EventRow['keys'][number]),
        failed: hasFailed,
        cells: cells.map((cell) => {
          if (hasFailed) return null;
          if (cell.failed !== null && row[cell.failed] === true) return FAILED;
          return row[cell.value] as EventRow['keys'][number];
        }),
      };
    },
  };
}
