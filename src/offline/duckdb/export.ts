// Parts → one file for people and other programs. JSON Lines: one object per row, keys in column order, instants as
// RFC 3339 UTC, float32 by its shortest text.
import { PlumbError } from '../../../schemas/errors.ts';
import { ident, text } from '../../sql/duckdb/names.ts';
import type { EngineLimits } from './session.ts';
import { DuckdbSession } from './session.ts';

export async function exportParts(
  limits: EngineLimits,
  paths: readonly string[],
  target: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await using session = await DuckdbSession.open({ ...limits, files: [...paths, target], folders: [folder], signal });
  const from = `read_parquet([${paths.map(text).join(', ')}])`;
  if (target.endsWith('.parquet'))
    return await session.run(`COPY (SELECT * FROM ${from}) TO ${text(target)} (FORMAT parquet, COMPRESSION zstd)`);
  const physical = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  const items = physical.map(
    (row) =>
      `${printable(ident(String(row.column_name)), String(row.column_type))} AS ${ident(String(row.column_name))}`,
  );
  const select = `SELECT ${items.join(', ')} FROM ${from}`;
  if (target.endsWith('.jsonl')) return await session.run(`COPY (${select}) TO ${text(target)} (FORMAT json)`);
  if (target.endsWith('.csv'))
    return await session.run(`COPY (${select}) TO ${text(target)} (FORMAT csv, HEADER true)`);
  throw new PlumbError('INVALID_REQUEST', `--out ${target}: expected a file ending in .parquet, .jsonl or .csv`);
}

function printable(sql: string, type: string): string {
  if (type.endsWith('[]')) return `list_transform(${sql}, lambda item: ${printable('item', type.slice(0, -2))})`;
  if (/\[\d+\]$/.test(type))
    return `list_transform(CAST(${sql} AS ${type.replace(/\[\d+\]$/, '[]')}), lambda item: ${printable('item', type.replace(/\[\d+\]$/, ''))})`;
  if (type === 'FLOAT') return `CAST(CAST(${sql} AS VARCHAR) AS DOUBLE)`;
  if (type === 'BLOB') return `to_base64(${sql})`;
  if (type.startsWith('TIMESTAMP')) return instantText(`CAST(${sql} AS TIMESTAMP)`);
  return sql;
}

/** As many fraction digits as needed: none, or six. */
const instantText = (ts: string): string =>
  `CASE WHEN epoch_us(${ts}) % 1000000 = 0 THEN strftime(${ts}, '%Y-%m-%dT%H:%M:%SZ') ELSE strftime(${ts}, '%Y-%m-%dT%H:%M:%S.%fZ') END`;
