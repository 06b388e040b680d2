// Addresses of the form s3://bucket/key, as plain data.

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
