// Addresses of the form s3://bucket/key and the settings of the service that has them, as plain data.

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

export interface S3Address {
  readonly bucket: string;
  /** A key, a prefix, or a glob; empty where only the bucket is named. */
  readonly key: string;
}

/** `s3://bucket/a/b` → bucket and `a/b`. */
export function parseAddress(path: string): S3Address {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket, key };
}

export const addressOf = (bucket: string, key: string): string => `s3://${bucket}/${key}`;
