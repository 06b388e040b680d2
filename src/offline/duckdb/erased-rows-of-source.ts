// How many rows of erased keys the files of a source hold, through the scan that every value is computed from.
import type { RowsNode } from '../../plan/nodes.ts';
import { duckdbDialect } from '../../sql/duckdb/dialect.ts';
import { erasedSteps } from '../../sql/duckdb/erased.ts';
import { scanSql } from '../../sql/duckdb/scan.ts';
import { erasedTables } from '../../sql/erased-rows.ts';
import { ands } from '../../sql/script.ts';
import type { ErasedSourceJob } from '../part-erasing.ts';
import { type LocalFile, localPaths } from './local-jobs.ts';
import { checkedFiles } from './scanned-files.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

export interface LocalErasedSourceJob extends Omit<ErasedSourceJob, 'files'> {
  readonly files: readonly LocalFile[];
}

export async function countErased(
  limits: EngineLimits,
  { source, files, columns, keys, signal }: LocalErasedSourceJob,
): Promise<readonly { readonly path: string; readonly rows: number }[]> {
  if (files.length === 0 || keys.length === 0) return [];
  const paths = localPaths(files);
  await using session = await DuckdbSession.open({ ...limits, files: paths, foreign: paths, folders: [], signal });
  const rows: RowsNode = {
    kind: 'rows',
    view: source.name,
    scan: { kind: 'source_scan', id: source.name, source },
    keys: columns.map(({ name, type }) => ({ name, type, column: name })),
    ...{ where: null, inputs: [], createdVisibility: false },
    erased: [{ entity: '', places: columns.map((_, i) => i), keys }],
  };
  for (const { sql } of erasedSteps([rows])) await session.run(sql);
  const used = new Set([...columns.map(({ name }) => name), source.timestampColumn]);
  const checked = await checkedFiles(session, source, files, used);
  const scan = scanSql(source, checked, { fromMicros: null, toMicros: null }, { used, withFile: true });
  const equal = columns.map(({ name, type }, i) => `erased.e${i} = ${duckdbDialect.cast(scan.column(name), type)}`);
  const [erased] = erasedTables(duckdbDialect, rows);
  // A row without an event time counts nowhere, and names the key all the same.
  const on = ands([...equal, '(ts IS NULL OR ts < erased.erased_before)']);
  const found = await session.rows(
    `SELECT file, count(*) AS n FROM ${scan.from} JOIN ${erased?.name} erased ON ${on} GROUP BY file ORDER BY n DESC, file`,
  );
  const pathOf = new Map(files.map(({ localPath, path }) => [localPath, path]));
  return found.map(({ file, n }) => ({ path: pathOf.get(String(file)) ?? String(file), rows: Number(n) }));
}
