// Files of a source that hold rows behind an instant.
import type { Source } from '../../catalog/catalog.ts';
import { scanSql } from '../../sql/duckdb/scan.ts';
import { type LocalFile, localPaths } from './local-jobs.ts';
import { selectFiles } from './parquet-files.ts';
import { checkedFiles } from './scanned-files.ts';
import { DuckdbSession, type EngineLimits } from './session.ts';

export async function filesBehind(
  options: EngineLimits & { readonly signal: AbortSignal },
  source: Source,
  files: readonly LocalFile[],
  beforeMicros: bigint,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  await using session = await DuckdbSession.open({
    ...options,
    files: localPaths(files),
    foreign: localPaths(files),
    folders: [],
  });
  if (source.format === 'parquet') {
    const wanted = { fromMicros: null, createdFromMicros: null, toMicros: beforeMicros - 1n };
    return (await selectFiles(session, source, files, wanted)).files.map(({ path }) => path);
  }
  const behind: string[] = [];
  for (const file of files) {
    const scan = scanSql(source, await checkedFiles(session, source, [file]), { fromMicros: null, toMicros: null });
    const { found } = await session.row(`SELECT count(*) > 0 AS found FROM ${scan.from} WHERE ts < ${beforeMicros}`);
    if (found === true) behind.push(file.path);
  }
  return behind;
}
