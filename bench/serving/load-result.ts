// What a load on one server tells, however it was made.
export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Of whole answers, heads included. */
  readonly bytesPerAnswer: number;
}
