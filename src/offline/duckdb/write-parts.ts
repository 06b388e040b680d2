// Tables of a session → Parquet parts in a folder.
import { join } from 'node:path';
import { ident, text } from '../../sql/duckdb/names.ts';
import type { PartFile } from '../compute.ts';
import type { DuckdbSession } from './session.ts';

export const PART_ROWS = 1_000_000;

export const partName = (prefix: string, index: number): string =>
  `${prefix}-${String(index).padStart(5, '0')}.parquet`;

/** Instants leave as UTC-adjusted timestamps, so that no reader takes them for local time. */
export const zoned = (name: string, physical: string): string =>
  physical === 'TIMESTAMP' ? `CAST(${ident(name)} AS TIMESTAMPTZ) AS ${ident(name)}` : ident(name);

export async function writeParts(
  session: DuckdbSession,
  { folder }: { readonly folder: string },
  from: string,
  prefix: string,
): Promise<PartFile[]> {
  const rows = Number((await session.row(`SELECT count(*) AS n FROM ${from}`)).n);
  if (rows === 0) return [];
  const described = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  const items = described.map((row) => zoned(String(row.column_name), String(row.column_type)));
  const parts: PartFile[] = [];
  for (let first = 0; first < rows; first += PART_ROWS) {
    const localPath = join(folder, partName(prefix, parts.length));
    const slice = rows <= PART_ROWS ? '' : ` WHERE rowid >= ${first} AND rowid < ${first + PART_ROWS}`;
    await session.run(
      `COPY (SELECT ${items.join(', ')} FROM ${from}${slice}) TO ${text(localPath)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    parts.push({ localPath, rows: Math.min(PART_ROWS, rows - first) });
  }
  return parts;
}
