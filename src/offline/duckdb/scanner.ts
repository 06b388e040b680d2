// Sources of a plan → what they are scanned as: their files, looked at once.
import type { RowsNode } from '../../plan/nodes.ts';
import type { TimeRange } from '../../plan/time-range.ts';
import { usedColumns } from '../../plan/used-columns.ts';
import type { DuckdbContext } from '../../sql/duckdb/context.ts';
import { type ScannedFiles, scanSql } from '../../sql/duckdb/scan.ts';
import type { LocalFilesByScan } from './local-jobs.ts';
import { checkedFiles } from './scanned-files.ts';
import type { DuckdbSession } from './session.ts';

/** Measured: see bench/results. */
export const PAIRS_PER_ROW = 128;

/** Files are looked at once per scan; a source without files scans as empty, one that vanished was refused before. */
export async function scanner(
  session: DuckdbSession,
  rows: readonly RowsNode[],
  files: LocalFilesByScan,
): Promise<DuckdbContext['scan']> {
  const checked = new Map<string, ScannedFiles>();
  for (const [id, views] of Map.groupBy(rows, ({ scan }) => scan.id)) {
    const { source } = (views[0] as RowsNode).scan;
    const used = new Set(views.flatMap((view) => [...usedColumns(view)]));
    checked.set(id, await checkedFiles(session, source, files.get(id) ?? [], used));
  }
  const none: ScannedFiles = { paths: [], physical: new Map() };
  return (view: RowsNode, range: TimeRange) =>
    scanSql(view.scan.source, checked.get(view.scan.id) ?? none, range, { used: usedColumns(view) });
}
