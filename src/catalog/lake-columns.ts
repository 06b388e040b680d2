// Columns that the lake's parts have besides those of the source. A source cannot declare names that begin so.

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
