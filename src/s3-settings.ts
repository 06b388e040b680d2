// The settings of the service that has s3:// addresses; credentials come from the SDK's chain.

export interface S3Settings {
  /** Address of an S3-compatible service; null: AWS. */
  readonly endpoint: string | null;
  /** null: what the SDK's chain says (AWS_REGION, the profile). */
  readonly region: string | null;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
  /** Absolute path; copies of objects and work in progress. */
  readonly cacheFolder: string;
  readonly cacheBytes: number;
  /** Connections at a time. */
  readonly maxConnections: number;
  /** How long a failing request is repeated. */
  readonly retryForMillis: number;
  /** How long a connection may stand still. */
  readonly requestTimeoutMillis: number;
}
