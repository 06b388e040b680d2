// Parts → one file for people and other programs. JSON Lines: one object per row, keys in column order, instants as
// RFC 3339 UTC, float32 by its shortest text, null for the NaN and the infinities of label columns, which JSON lacks. CSV: lists as JSON text.
import { PlumbError } from '../../../schemas/errors.ts';
import { fileList, ident, text } from '../../sql/duckdb/names.ts';
import { timestampOf } from '../../sql/duckdb/scan.ts';
import type { EngineLimits } from './session.ts';
import { DuckdbSession } from './session.ts';
import { parquetOptions } from './write-parts.ts';

export interface ExportTarget {
  readonly target: string;
  readonly folder: string;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export async function exportParts(
  options: EngineLimits & { readonly signal: AbortSignal },
  paths: readonly string[],
  { target, folder, metadata }: ExportTarget,
): Promise<void> {
  await using session = await DuckdbSession.open({ ...options, files: [...paths, target], folders: [folder] });
  const from = `read_parquet(${fileList(paths)}, hive_partitioning = false)`;
  if (target.endsWith('.parquet'))
    return await session.run(`COPY (SELECT * FROM ${from}) TO ${text(target)} (${parquetOptions(metadata)})`);
  const physical = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  const isJson = target.endsWith('.jsonl');
  const items = physical.map((row) => {
    const [name, type] = [ident(String(row.column_name)), String(row.column_type)];
    return `${isJson ? printable(name, type, true) : csvCell(name, type)} AS ${name}`;
  });
  const select = `SELECT ${items.join(', ')} FROM ${from}`;
  if (isJson) return await session.run(`COPY (${select}) TO ${text(target)} (FORMAT json)`);
  if (target.endsWith('.csv'))
    return await session.run(`COPY (${select}) TO ${text(target)} (FORMAT csv, HEADER true)`);
  throw new PlumbError('INVALID_REQUEST', `--out ${target}: expected a file ending in .parquet, .jsonl or .csv`);
}

/** Lists, structs and maps as JSON text, as a source in CSV has them. */
const csvCell = (sql: string, type: string): string =>
  /^(STRUCT|MAP)\(|\]$/.test(type)
    ? `CAST(to_json(${printable(sql, type, true)}) AS VARCHAR)`
    : printable(sql, type, false);

function printable(sql: string, type: string, isJson: boolean): string {
  const element = /^(.+)\[\d*\]$/.exec(type)?.[1];
  if (element !== undefined)
    return `list_transform(CAST(${sql} AS ${element}[]), lambda item: ${printable('item', element, isJson)})`;
  const value = /^MAP\(VARCHAR, (.+)\)$/.exec(type)?.[1];
  if (value !== undefined) {
    const entry = `{'key': entry.key, 'value': ${printable('entry.value', value, isJson)}}`;
    return `map_from_entries(list_transform(map_entries(${sql}), lambda entry: ${entry}))`;
  }
  const fields = fieldsOf(type);
  if (fields !== null) {
    const printed = fields.map(([name, of]) => `${text(name)}: ${printable(`(${sql}).${ident(name)}`, of, isJson)}`);
    return `CASE WHEN ${sql} IS NOT NULL THEN {${printed.join(', ')}} END`;
  }
  if (type === 'FLOAT' || type === 'DOUBLE') return numberText(sql, type, isJson);
  if (type === 'BLOB') return `to_base64(${sql})`;
  if (type.startsWith('TIMESTAMP')) return instantText(timestampOf(sql, type));
  return sql;
}

/** Of a struct that an aggregate made: scalars under plain names. Null for other types. */
function fieldsOf(type: string): readonly (readonly [name: string, type: string])[] | null {
  const inside = /^STRUCT\((.+)\)$/.exec(type)?.[1];
  const fields = inside?.split(', ').map((field) => /^"?([A-Za-z_]\w*)"? ([A-Z][A-Z ]*)$/.exec(field));
  if (fields === undefined || fields.some((field) => field === null)) return null;
  return fields.map((field) => [field?.[1] ?? '', field?.[2] ?? ''] as const);
}

function numberText(sql: string, type: 'FLOAT' | 'DOUBLE', isJson: boolean): string {
  const shortest = type === 'FLOAT' ? `CAST(CAST(${sql} AS VARCHAR) AS DOUBLE)` : sql;
  return isJson ? `CASE WHEN isfinite(${sql}) THEN ${shortest} END` : shortest;
}

/** As many fraction digits as needed: none, or six. */
const instantText = (ts: string): string =>
  `CASE WHEN epoch_us(${ts}) % 1000000 = 0 THEN strftime(${ts}, '%Y-%m-%dT%H:%M:%SZ') ELSE strftime(${ts}, '%Y-%m-%dT%H:%M:%S.%fZ') END`;
