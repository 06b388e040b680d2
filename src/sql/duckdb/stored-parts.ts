// Parts that earlier runs of a view wrote, as FROM items.
import type { ValuesNode } from '../../plan/nodes.ts';
import { type StoredParts, storedRows } from '../stored-parts.ts';
import { duckdbDialect } from './dialect.ts';
import { fileList } from './names.ts';

/** `paths`: Parquet files of the same generation. */
export const storedParts = (values: ValuesNode, paths: readonly string[]): StoredParts => ({
  rows: `(${storedRows(duckdbDialect, values, `read_parquet(${fileList(paths)}, hive_partitioning = false)`)})`,
  keys: storedKeys(paths),
});

/** Their records by key. Parts of gone keys hold keys alone. */
export const storedKeys = (paths: readonly string[]): string =>
  `read_parquet(${fileList(paths)}, union_by_name = true, hive_partitioning = false)`;
