// Files of events through the embedded engine: all values as text.
import { ident, text } from '../../sql/duckdb/names.ts';
import type { EventFile, EventRows } from '../event-rows.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

export const duckdbEventRows = (limits: EngineLimits): EventRows => ({
  columnsOf: async (file) => {
    await using session = await open(limits, file);
    return (await described(session, file)).map(({ name }) => name);
  },
  async *rowsOf(file) {
    await using session = await open(limits, file);
    const columns = await described(session, file);
    const items = columns.map(({ name, type }, i) => `${asText(name, type)} AS v${i}`).join(', ');
    for await (const chunk of session.chunks(`SELECT ${items} FROM ${reader(file)}`)) {
      const values = columns.map((_, i) => chunk.getColumnValues(i));
      yield Array.from({ length: chunk.rowCount }, (_, row) =>
        Object.fromEntries(columns.map(({ name }, i) => [name, (values[i]?.[row] ?? null) as string | null])),
      );
    }
  },
});

const open = (limits: EngineLimits, { path, signal }: EventFile): Promise<DuckdbSession> =>
  DuckdbSession.open({ ...limits, files: [path], foreign: [path], folders: [], signal });

const reader = ({ path, format }: EventFile): string =>
  format === 'csv'
    ? `read_csv(${text(path)}, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"')`
    : `read_parquet(${text(path)}, hive_partitioning = false)`;

async function described(session: DuckdbSession, file: EventFile) {
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${reader(file)}`);
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
}

function asText(name: string, type: string): string {
  const column = ident(name);
  if (type === 'VARCHAR') return column;
  if (type === 'BLOB') return `to_base64(${column})`;
  if (/\[\d*\]$|^(STRUCT|MAP|LIST)/.test(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  if (type.startsWith('TIMESTAMP')) return `strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ')`;
  return `CAST(${column} AS VARCHAR)`;
}
