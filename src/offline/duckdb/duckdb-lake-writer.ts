// Events → a Parquet part of the lake, by the SQL that micro-batches are read with.
import { dirname } from 'node:path';
import type { Source } from '../../catalog/catalog.ts';
import { LAKE_COLUMNS } from '../../catalog/lake-columns.ts';
import { ident, text } from '../../sql/duckdb/names.ts';
import { EVENT_COLUMNS, eventScanSql } from '../../sql/duckdb/scan.ts';
import type { StoredEventWriter, WrittenEvent } from '../event-engine.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';
import { parquetOptions } from './write-parts.ts';

const TABLE = 'events';
const { offset: OFFSET, appendMicros: APPENDED } = EVENT_COLUMNS;

export const duckdbLakeWriter = (limits: EngineLimits): StoredEventWriter => ({
  write: async (source, partition, events, path) => {
    await using session = await DuckdbSession.open({ ...limits, files: [], folders: [dirname(path)] });
    await fill(session, events);
    const { appendTime, partition: number, offset, mark } = LAKE_COLUMNS;
    const scan = eventScanSql(withoutCut(source), TABLE);
    const items = [
      ...[...source.columns.keys()].map((name) => `${leaving(source, name, scan.column(name))} AS ${ident(name)}`),
      `CAST(make_timestamp(${APPENDED}) AS TIMESTAMPTZ) AS ${ident(appendTime)}`,
      `CAST(${partition} AS INTEGER) AS ${ident(number)}`,
      `${OFFSET} AS ${ident(offset)}`,
      `CAST(NULL AS VARCHAR) AS ${ident(mark)}`,
    ];
    const select = `SELECT ${items.join(', ')}\nFROM ${scan.from}\nORDER BY ${OFFSET}`;
    await session.run(`COPY (${select}) TO ${text(path)} (${parquetOptions()})`);
  },
});

/** Events before the cut are in the lake, too: readers leave them out. */
const withoutCut = ({ stream: _, ...source }: Source): Source => source;

/** Instants leave as UTC-adjusted timestamps. */
const leaving = ({ columns }: Source, name: string, sql: string): string =>
  columns.get(name) === 'timestamp' ? `CAST(${sql} AS TIMESTAMPTZ)` : sql;

async function fill(session: DuckdbSession, events: readonly WrittenEvent[]): Promise<void> {
  await session.run(`CREATE TEMP TABLE ${TABLE} (json JSON, ${OFFSET} BIGINT, ${APPENDED} BIGINT)`);
  await session.append(TABLE, [
    events.map((event) => Buffer.from(event.text).toString()),
    events.map(({ offset }) => offset),
    events.map(({ appendMicros }) => appendMicros),
  ]);
}
