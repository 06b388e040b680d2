// Tables of a session → Parquet parts in a folder.
import { join } from 'node:path';
import { ident, text } from '../../sql/duckdb/names.ts';
import { fileUri } from '../../storage/location.ts';
import type { PartFile } from '../compute.ts';
import type { DuckdbSession } from './session.ts';

export const PART_ROWS = 1_000_000;

/** Instants leave as UTC-adjusted timestamps, so that no reader takes them for local time. */
const zoned = (name: string, physical: string): string =>
  physical === 'TIMESTAMP' ? `CAST(${ident(name)} AS TIMESTAMPTZ) AS ${ident(name)}` : ident(name);

/** SELECT list of columns as they leave. */
export const leaving = (columns: readonly { readonly name: string; readonly physical: string }[]): string =>
  columns.map(({ name, physical }) => zoned(name, physical)).join(', ');

export interface Part {
  readonly folder: string;
  readonly prefix: string;
  readonly index: number;
  /** Of the select. */
  readonly rows: number;
  readonly metadata?: ParquetMetadata | undefined;
}

/** Key → value, as each file has them. */
type ParquetMetadata = Readonly<Record<string, string>>;

/** Options of a COPY to Parquet. */
export const parquetOptions = (metadata: ParquetMetadata = {}): string => {
  const pairs = Object.entries(metadata).map(([key, value]) => `${ident(key)}: ${text(value)}`);
  return `FORMAT parquet, COMPRESSION zstd${pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`}`;
};

export async function writePart(
  session: DuckdbSession,
  select: string,
  { folder, prefix, index, rows, metadata }: Part,
): Promise<PartFile> {
  const path = join(folder, `${prefix}-${String(index).padStart(5, '0')}.parquet`);
  await session.run(`COPY (${select}) TO ${text(path)} (${parquetOptions(metadata)})`);
  return { uri: fileUri(path), rows };
}

export async function writeParts(
  session: DuckdbSession,
  from: string,
  { folder, prefix }: Pick<Part, 'folder' | 'prefix'>,
): Promise<PartFile[]> {
  const rows = Number((await session.row(`SELECT count(*) AS n FROM ${from}`)).n);
  if (rows === 0) return [];
  const described = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  const items = leaving(described.map((row) => ({ name: String(row.column_name), physical: String(row.column_type) })));
  const parts: PartFile[] = [];
  for (let first = 0; first < rows; first += PART_ROWS) {
    const slice = rows <= PART_ROWS ? '' : ` WHERE rowid >= ${first} AND rowid < ${first + PART_ROWS}`;
    const part = { folder, prefix, index: parts.length, rows: Math.min(PART_ROWS, rows - first) };
    parts.push(await writePart(session, `SELECT ${items} FROM ${from}${slice}`, part));
  }
  return parts;
}
