// ObjectStore on a prefix of a bucket. S3 puts atomically and durably; of N creators one wins (conditional-writes.ts).
// Local files are copies in the cache of this machine (staging-cache.ts).
import type { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type ObjectIdentifier,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { PlumbError } from '../../../schemas/errors.ts';
import { isKey, requireKey, requirePrefix } from '../object-key.ts';
import type { ByteRange, ObjectInfo, ObjectStore } from '../object-store.ts';
import { createObject, PROBE_KEY, requireConditionalWrites } from './conditional-writes.ts';
import { listObjects } from './list-objects.ts';
import { download, readRange, readWhole, tooShort } from './read-object.ts';
import { addressOf, parseAddress } from './s3-address.ts';
import type { S3Connection } from './s3-connection.ts';
import { isMissing, isRefusedByCondition, s3Failure, statusOf } from './s3-failure.ts';
import { endStaleUploads, uploadFile } from './upload-file.ts';

export interface S3ObjectStoreOptions {
  /** s3://bucket or s3://bucket/prefix. */
  readonly address: string;
  /** Closed with the store. */
  readonly connection: S3Connection;
  /** Ends uploads and downloads. Small writes go on: whoever is cancelled still says so in the storage, and cleans up. */
  readonly signal?: AbortSignal | undefined;
}

/** What S3 takes in one request. */
const KEYS_PER_DELETE = 1000;
const UPLOADS_AT_ONCE = 3;
const EXAMINED_READS = 5;

export class S3ObjectStore implements ObjectStore {
  readonly #connection: S3Connection;
  readonly #bucket: string;
  /** Empty, or a folder that ends in `/`. */
  readonly #prefix: string;
  readonly #signal: AbortSignal | undefined;

  constructor({ address, connection, signal }: S3ObjectStoreOptions) {
    const { bucket, key } = parseAddress(address);
    this.#connection = connection;
    this.#bucket = bucket;
    this.#prefix = key === '' ? '' : `${key.replace(/\/+$/, '')}/`;
    this.#signal = signal;
  }

  get(key: string): Promise<Uint8Array | null> {
    return this.#named(`reading ${key}`, () => nullWhereMissing(() => readWhole(this.#connection, this.#object(key))));
  }

  readRange(key: string, range: ByteRange): Promise<Readable | null> {
    const doing = `reading ${key}`;
    const failure = (cause: unknown): PlumbError => s3Failure(cause, this.#place, doing, 'storage');
    return this.#named(doing, async () => {
      const object = this.#object(key);
      try {
        return await nullWhereMissing(() => readRange(this.#connection, object, range, failure));
      } catch (error) {
        if (statusOf(error) !== 416) throw error;
        throw tooShort(key, (await this.#head(key)).sizeBytes, range.last + 1);
      }
    });
  }

  put(key: string, content: Uint8Array): Promise<void> {
    return this.#named(`writing ${key}`, async () => {
      const { bucket, key: Key } = this.#object(key);
      await this.#requireWritable();
      await this.#connection.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: content }));
    });
  }

  putIfAbsent(key: string, content: Uint8Array): Promise<boolean> {
    return this.#named(`creating ${key}`, async () => {
      const object = this.#object(key);
      await this.#requireWritable();
      return await createObject(this.#connection, { ...object, content });
    });
  }

  list(prefix: string): Promise<readonly ObjectInfo[]> {
    return this.#named(`listing ${prefix}`, async () => {
      requirePrefix(prefix);
      const place = { bucket: this.#bucket, prefix: `${this.#prefix}${prefix}` };
      const objects = await listObjects(this.#connection.client, place);
      return objects
        .map(({ key, ...rest }) => ({ ...rest, key: key.slice(this.#prefix.length) }))
        .filter(({ key }) => isKey(key))
        .map(({ etag, ...object }) => ({ ...object, identity: `${object.sizeBytes}-${etag.replaceAll('"', '')}` }));
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(requireKey);
    for (let first = 0; first < keys.length; first += KEYS_PER_DELETE) {
      const batch = keys.slice(first, first + KEYS_PER_DELETE);
      await this.#named(`deleting ${batch.length === 1 ? batch[0] : `${batch.length} objects`}`, async () => {
        const objects = [...new Set(batch)].map((key): ObjectIdentifier => ({ Key: `${this.#prefix}${key}` }));
        await this.#deleteBatch(objects);
      });
    }
  }

  localPath(key: string): Promise<string> {
    return this.#named(`reading ${key}`, async () => {
      const { cache, retries } = this.#connection;
      const replacedMeanwhile = (error: unknown): boolean => isRefusedByCondition(error) || isMissing(error);
      return await retries.whilePassing(async () => {
        const object = { ...this.#object(key), ...(await this.#head(key)), signal: this.#signal };
        return await cache.stage(object, (path) => download(this.#connection, object, path));
      }, replacedMeanwhile);
    });
  }

  async adopt(files: readonly { readonly localPath: string; readonly key: string }[]): Promise<void> {
    for (const { key } of files) requireKey(key);
    const waiting = [...files];
    const failures: unknown[] = [];
    const adoptNext = async (): Promise<void> => {
      for (let file = waiting.shift(); file !== undefined && failures.length === 0; file = waiting.shift())
        await this.#adopt(file).catch((error: unknown) => failures.push(error));
    };
    await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, adoptNext));
    if (failures.length > 0) throw failures[0];
  }

  workFolder(): Promise<string> {
    return this.#named('making a work folder', () => this.#connection.cache.workFolder());
  }

  removeAbandoned(untouchedSinceMillis: number, isDry: boolean): Promise<number> {
    return this.#named('ending uploads that nobody finished', () =>
      endStaleUploads(this.#connection, {
        bucket: this.#bucket,
        prefix: this.#prefix,
        startedBefore: new Date(untouchedSinceMillis),
        isDry,
      }),
    );
  }

  examine(): Promise<string> {
    return this.#named('trying it', async () => {
      await this.#requireWritable();
      const probe = { Bucket: this.#bucket, Key: `${this.#prefix}${PROBE_KEY}` };
      const millis: number[] = [];
      for (let reads = 0; reads < EXAMINED_READS; reads += 1) {
        const started = performance.now();
        const { Body } = await this.#connection.client.send(new GetObjectCommand(probe));
        await Body?.transformToByteArray();
        millis.push(performance.now() - started);
      }
      const median = millis.toSorted((left, right) => left - right)[Math.floor(EXAMINED_READS / 2)] ?? 0;
      return `${this.#address} is writable, refuses a second creator of an object, and answers in ${median.toFixed(1)} ms`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  get #address(): string {
    return addressOf(this.#bucket, this.#prefix).replace(/\/$/, '');
  }

  #object(key: string) {
    requireKey(key);
    return { bucket: this.#bucket, key: `${this.#prefix}${key}` };
  }

  #requireWritable(): Promise<void> {
    return requireConditionalWrites(this.#connection, { bucket: this.#bucket, prefix: this.#prefix });
  }

  async #head(key: string): Promise<{ readonly etag: string; readonly sizeBytes: number }> {
    const { bucket, key: Key } = this.#object(key);
    try {
      const { ETag = '', ContentLength = 0 } = await this.#connection.client.send(
        new HeadObjectCommand({ Bucket: bucket, Key }),
      );
      return { etag: ETag, sizeBytes: ContentLength };
    } catch (error) {
      if (!isMissing(error)) throw error;
      const what = `has no object ${key}, though something refers to it: it was deleted or moved`;
      throw new PlumbError('STORAGE_CORRUPT', `the ${this.#place} ${what}`, {
        details: { key },
        publicMessage: `the storage ${what}`,
      });
    }
  }

  #adopt({ localPath, key }: { readonly localPath: string; readonly key: string }): Promise<void> {
    return this.#named(`writing ${key}`, async () => {
      const object = this.#object(key);
      await this.#requireWritable();
      const written = await uploadFile(this.#connection, { ...object, localPath, signal: this.#signal });
      await this.#connection.cache.take({ ...object, ...written }, localPath);
    });
  }

  async #deleteBatch(objects: ObjectIdentifier[]): Promise<void> {
    const request = { Bucket: this.#bucket, Delete: { Objects: objects, Quiet: true } };
    const { Errors = [] } = await this.#connection.client.send(new DeleteObjectsCommand(request));
    const failed = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
    await this.#connection.cache.forget(this.#bucket, new Set(objects.map(({ Key = '' }) => Key)));
    const [first] = failed;
    if (first === undefined) return;
    const keys = failed.map(({ Key = '' }) => Key.slice(this.#prefix.length));
    const error = Object.assign(new Error(`${first.Code} for ${keys.length} objects`), {
      name: first.Code ?? 'unknown',
    });
    const doing = `deleting ${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ' and more' : ''}`;
    throw s3Failure(error, this.#place, doing, 'storage');
  }

  get #place(): string {
    return `storage "${this.#address}"`;
  }

  async #named<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw s3Failure(error, this.#place, doing, 'storage');
    }
  }
}

async function nullWhereMissing<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
