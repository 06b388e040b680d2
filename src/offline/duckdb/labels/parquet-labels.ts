// Labels in Parquet. Names and types are those of the file's own top-level columns.
import { open } from 'node:fs/promises';
import { fileList } from '../../../sql/duckdb/names.ts';
import type { LocalLabels } from '../local-jobs.ts';
import { contentName } from '../parquet-failure.ts';
import type { DuckdbSession } from '../session.ts';
import { type Column, invalid, type OpenedLabels, refuseNames, shortened } from './columns.ts';
import { requireFewColumns, tooDeep } from './label-shape.ts';

export async function parquetLabels(
  session: DuckdbSession,
  { paths, name, limits }: Pick<LocalLabels, 'paths' | 'name' | 'limits'>,
): Promise<OpenedLabels> {
  for (const path of paths) await requireParquet(path, name);
  for (const path of paths) {
    const schema = await schemaOf(session, path);
    requireFewColumns(schema.columns.length, name, limits);
    const deep = schema.depths.find(({ depth }) => depth > limits.depth);
    if (deep !== undefined) throw tooDeep(deep.column, name, limits);
    refuseNames(schema.columns);
    const wide = schema.decimals.find(({ precision }) => precision > MOST_DIGITS);
    if (wide !== undefined)
      throw invalid(
        `${name}, label column ${shortened(wide.column)}: found a decimal of ${wide.precision} digits, expected at most ${MOST_DIGITS}; write it as text, or as a decimal of fewer digits`,
      );
  }
  const from = `read_parquet(${fileList(paths)}, hive_partitioning = false)`;
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${from}`);
  const columns: Column[] = rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  return { from, columns };
}

/** The engine reads wider decimals wrong. */
const MOST_DIGITS = 38;

interface ParquetSchema {
  readonly columns: readonly string[];
  /** Of top-level columns and what is nested in them. */
  readonly decimals: readonly { readonly column: string; readonly precision: number }[];
  /** Of groups: lists, maps and structs within each other, down to it. */
  readonly depths: readonly { readonly column: string; readonly depth: number }[];
}

interface OpenGroup {
  /** Children that are still to come. */
  left: number;
  /** The repeated group inside a list or a map is no level of its own. */
  readonly depth: number;
}

/** Elements come in depth-first order, the root first; groups say how many children they have. */
async function schemaOf(session: DuckdbSession, path: string): Promise<ParquetSchema> {
  const rows = await session.rows(
    `SELECT name, num_children, precision, repetition_type FROM parquet_schema(${fileList([path])})`,
  );
  const columns: string[] = [];
  const decimals: { column: string; precision: number }[] = [];
  const depths: { column: string; depth: number }[] = [];
  const open: OpenGroup[] = [];
  for (const [i, row] of rows.entries()) {
    if (open.length === 1) columns.push(String(row.name));
    const precision = Number(row.precision ?? 0);
    if (precision > 0) decimals.push({ column: columns.at(-1) ?? '', precision });
    const parent = open.at(-1);
    if (parent !== undefined) parent.left -= 1;
    const children = Number(row.num_children ?? 0);
    if (i === 0 || children > 0) {
      const depth = parent === undefined ? 0 : parent.depth + (row.repetition_type === 'REPEATED' ? 0 : 1);
      open.push({ left: children, depth });
      depths.push({ column: columns.at(-1) ?? '', depth });
    }
    while (open.length > 1 && open.at(-1)?.left === 0) open.pop();
  }
  return { columns, decimals, depths };
}

async function requireParquet(path: string, name: string): Promise<void> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const magic = buffer.subarray(0, bytesRead);
  if (magic.toString('latin1') === 'PAR1') return;
  throw invalid(`${name}: found ${contentName(magic)}, expected Parquet; give the file the ending of what it holds`);
}
