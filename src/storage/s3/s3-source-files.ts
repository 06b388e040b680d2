// SourceFiles in buckets: s3://bucket/key, or a glob in the language of files (`*`, `**`, `?`, `[ab]`, `{a,b}`). Objects are
// copied into the cache of this machine, whole: the engine reads files. An object is known by its ETag and size.
import { matchesGlob } from 'node:path';
import { PlumbError } from '../../../schemas/errors.ts';
import { fileUri } from '../location.ts';
import type { SourceFile, SourceFiles } from '../source-files.ts';
import { type ListedObject, listObjects } from './list-objects.ts';
import { download } from './read-object.ts';
import { addressOf, parseAddress, type S3Address } from './s3-address.ts';
import type { S3Connection } from './s3-connection.ts';
import { isMissing, isRefusedByCondition, s3Failure } from './s3-failure.ts';

const MAGIC = /[*?[\]{}!()]/;
const DOWNLOADS_AT_ONCE = 6;
/** Objects that change while they are read: list again, this often. */
const LISTINGS = 5;

interface S3SourceFilesOptions {
  /** Closed with this. */
  readonly connection: S3Connection;
  readonly signal?: AbortSignal | undefined;
}

export class S3SourceFiles implements SourceFiles, AsyncDisposable {
  readonly #connection: S3Connection;
  readonly #signal: AbortSignal | undefined;

  constructor({ connection, signal }: S3SourceFilesOptions) {
    this.#connection = connection;
    this.#signal = signal;
  }

  list(path: string): Promise<readonly SourceFile[]> {
    return named(path, async () => {
      const address = parseAddress(path);
      for (let listings = 1; ; listings += 1) {
        const objects = (await this.#matches(address)) ?? [];
        try {
          return await this.#stageAll(address.bucket, objects);
        } catch (error) {
          if (!isRefusedByCondition(error) && !isMissing(error)) throw error;
          if (listings === LISTINGS) throw changing(path, error);
        }
      }
    });
  }

  explainEmpty(path: string): Promise<string> {
    return named(path, async () => {
      const address = parseAddress(path);
      const objects = await this.#matches(address);
      if (objects === null) return `there is no bucket ${address.bucket}`;
      const folder = `${address.key.replace(/\/+$/, '')}/`;
      const below = MAGIC.test(address.key) ? [] : await this.#objects(address.bucket, folder === '/' ? '' : folder);
      if (below.length > 0)
        return `found the folder ${path}, expected an object or a glob such as ${path.replace(/\/+$/, '')}/*.parquet`;
      return MAGIC.test(address.key) ? `no object matches ${path}` : `there is no object ${path}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  /** null where there is no such bucket. An object of exactly that name comes first: its name may hold `[` or `{`. */
  async #matches({ bucket, key }: S3Address): Promise<readonly ListedObject[] | null> {
    if (key === '') return (await this.#bucketExists(bucket)) ? [] : null;
    try {
      const exact = (await this.#objects(bucket, key)).find((object) => object.key === key);
      if (exact !== undefined) return [exact];
      if (!MAGIC.test(key)) return [];
      return (await this.#objects(bucket, literalPrefix(key))).filter((object) => matchesGlob(object.key, key));
    } catch (error) {
      if (isNoBucket(error)) return null;
      throw error;
    }
  }

  async #bucketExists(bucket: string): Promise<boolean> {
    try {
      await this.#objects(bucket, '.');
      return true;
    } catch (error) {
      if (isNoBucket(error)) return false;
      throw error;
    }
  }

  /** Names that end in `/` stand for folders, in consoles that show them. */
  async #objects(bucket: string, prefix: string): Promise<readonly ListedObject[]> {
    const objects = await listObjects(this.#connection.client, { bucket, prefix, signal: this.#signal });
    return objects.filter(({ key }) => !key.endsWith('/'));
  }

  async #stageAll(bucket: string, objects: readonly ListedObject[]): Promise<readonly SourceFile[]> {
    const files: SourceFile[] = [];
    const waiting = [...objects.entries()];
    const failures: unknown[] = [];
    const stageNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && failures.length === 0; next = waiting.shift()) {
        const [index, object] = next;
        try {
          files[index] = await this.#stage(bucket, object);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, stageNext));
    if (failures.length > 0) throw failures[0];
    return files;
  }

  async #stage(bucket: string, { key, sizeBytes, etag }: ListedObject): Promise<SourceFile> {
    const object = { bucket, key, etag, sizeBytes, signal: this.#signal };
    const copy = await this.#connection.cache.stage(object, (path) => download(this.#connection, object, path));
    const identity = `${sizeBytes}-${etag.replaceAll('"', '')}`;
    return { path: addressOf(bucket, key), uri: fileUri(copy), sizeBytes, identity };
  }
}

const isNoBucket = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchBucket';

/** `data/2026-*\/x.csv` → `data/2026-`: the longest prefix of all that can match. */
const literalPrefix = (key: string): string => key.slice(0, key.search(MAGIC));

const changing = (path: string, cause: unknown): PlumbError =>
  new PlumbError('CONFLICT', `objects of ${path} changed while they were read, ${LISTINGS} times: try again`, {
    details: { path },
    cause,
  });

async function named<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw s3Failure(error, `source ${path}`, 'reading it');
  }
}
