// One connection to one S3 service: the SDK's client, its patience, and the local cache. Whatever of a process works with
// the same settings shares it. Credentials come from the SDK's own chain: environment, profile, container, machine.
import { S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../s3-settings.ts';
import { PatientRetries } from './patient-retries.ts';
import { reasonOf } from './s3-failure.ts';
import { StagingCache } from './staging-cache.ts';

const CONNECT_TIMEOUT_MILLIS = 10_000;

/** Told of requests that go on failing. */
export interface S3Logger {
  warn(context: object, message: string): void;
}

export class S3Connection implements AsyncDisposable {
  readonly client: S3Client;
  readonly retries: PatientRetries;
  readonly cache: StagingCache;
  /** Bucket and prefix → whether conditional writes were seen to hold there. */
  readonly proven = new Map<string, Promise<void>>();
  readonly #key: S3Settings;
  #users = 0;

  private constructor(settings: S3Settings, logger: S3Logger | undefined) {
    this.#key = settings;
    this.retries = new PatientRetries(settings.retryForMillis, (error, leftMillis) =>
      logger?.warn(
        { reason: reasonOf(error) },
        `S3 fails (${reasonOf(error)}): it is asked again for up to ${Math.round(leftMillis / 1000)} s more`,
      ),
    );
    this.cache = new StagingCache({ folder: settings.cacheFolder, maxBytes: settings.cacheBytes });
    this.client = makeClient(settings, this.retries);
  }

  /** Shared by all that give the same object of settings; closed with the last of them. Tells the first one's logger. */
  static open(settings: S3Settings, logger?: S3Logger): S3Connection {
    const connection = shared.get(settings) ?? new S3Connection(settings, logger);
    shared.set(settings, connection);
    connection.#users += 1;
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    shared.delete(this.#key);
    this.client.destroy();
    await this.cache[Symbol.asyncDispose]();
  }
}

const shared = new Map<S3Settings, S3Connection>();

/** Services of one's own have one region, mostly, and no profile that names it. */
const regionOf = (endpoint: string | null) =>
  endpoint === null || process.env.AWS_REGION !== undefined ? {} : { region: 'us-east-1' };

function makeClient(settings: S3Settings, retryStrategy: PatientRetries): S3Client {
  const { endpoint, region, forcePathStyle, maxConnections, requestTimeoutMillis } = settings;
  const agent = { keepAlive: true, maxSockets: maxConnections };
  return new S3Client({
    ...(endpoint === null ? {} : { endpoint }),
    ...(region === null ? regionOf(endpoint) : { region }),
    forcePathStyle,
    retryStrategy,
    // Requests beyond the sockets wait for one: that is what the bound is for, and no reason to warn.
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: CONNECT_TIMEOUT_MILLIS,
      socketTimeout: requestTimeoutMillis,
      socketAcquisitionWarningTimeout: 2 ** 31 - 1,
    },
  });
}
