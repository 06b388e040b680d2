// Columns that the lake's parts have besides those of the source. A source cannot declare names that begin so.
import type { Source } from './catalog.ts';

/** What a stream source reads as its path: the parts that the lake's links name, whatever storage they are in. */
export const LAKE_SCHEME = 'lake://';

export const LAKE_COLUMNS = {
  /** timestamp: the event's append time, which is its created time. */
  appendTime: '__append_time',
  /** int32. */
  partition: '__partition',
  /** int64. */
  offset: '__offset',
  /** string: why the event counts nowhere; null: it counts. */
  mark: '__mark',
} as const;

/** The parts of the lake of a stream as files: Parquet of the stream's columns and the lake's own. */
export function lakeSource({ stream: _, ...source }: Source): Source {
  const own = [
    [LAKE_COLUMNS.appendTime, 'timestamp'],
    [LAKE_COLUMNS.partition, 'int32'],
    [LAKE_COLUMNS.offset, 'int64'],
  ] as const;
  return { ...source, kind: 'batch', format: 'parquet', columns: new Map([...source.columns, ...own]) };
}
