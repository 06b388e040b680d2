// How many rows a source has, and from when to when: to say why a run found none to write.
import type { Source } from '../../catalog/catalog.ts';
import { type ScannedFiles, scanSql } from '../../sql/duckdb/scan.ts';
import type { SourceRows } from '../compute.ts';
import type { DuckdbSession } from './session.ts';

export async function sourceRows(session: DuckdbSession, source: Source, files: ScannedFiles): Promise<SourceRows> {
  const { from } = scanSql(source, files, { fromMicros: null, toMicros: null });
  const found = await session.row(`SELECT count(*) AS n, min(ts) AS first, max(ts) AS last FROM ${from}`);
  const micros = (value: unknown): bigint | null => (value === null ? null : BigInt(value as bigint));
  return { rows: Number(found.n), fromMicros: micros(found.first), toMicros: micros(found.last) };
}
