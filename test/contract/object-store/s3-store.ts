// S3 object stores for tests, also in other processes: what they need is one line of text. Credentials are in the
// environment, as the SDK's chain reads them.
import type { S3Settings } from '../../../src/s3-settings.ts';
import { S3Connection } from '../../../src/storage/s3/s3-connection.ts';
import { S3ObjectStore } from '../../../src/storage/s3/s3-object-store.ts';

export interface S3Location {
  /** s3://bucket/prefix */
  readonly address: string;
  readonly endpoint: string;
  readonly cacheFolder: string;
}

export const s3Settings = (endpoint: string, cacheFolder: string): S3Settings => ({
  endpoint,
  region: null,
  forcePathStyle: true,
  cacheFolder,
  cacheBytes: 2 ** 30,
  maxConnections: 32,
  retryForMillis: 20_000,
  requestTimeoutMillis: 20_000,
});

export function openS3Store(location: string, settings: Partial<S3Settings> = {}): S3ObjectStore {
  const { address, endpoint, cacheFolder } = JSON.parse(location) as S3Location;
  const connection = S3Connection.open({ ...s3Settings(endpoint, cacheFolder), ...settings });
  return new S3ObjectStore({ address, connection });
}
