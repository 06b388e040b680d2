// Reads objects so that nothing short or torn is taken for whole: the length is compared with what the service announced,
// checksums are checked by the SDK where the service has them, and a body that breaks off is asked for again.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { PlumbError } from '../../../schemas/errors.ts';
import { cancelled } from '../../cancelled.ts';
import { errorCode } from '../disk-failure.ts';
import type { ByteRange } from '../object-store.ts';
import { sending } from './list-objects.ts';
import type { S3Connection } from './s3-connection.ts';

export interface WantedObject {
  readonly bucket: string;
  readonly key: string;
  /** Only if it is that one still; otherwise the request is refused (412). */
  readonly etag?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A body that ended too early or broke off: the object may be whole. */
class BrokenBody extends Error {
  override readonly name = 'BrokenBody';
  readonly code = 'ECONNRESET';
}

const isBroken = (error: unknown): boolean => error instanceof BrokenBody;

export function readWhole(connection: S3Connection, object: WantedObject): Promise<Uint8Array> {
  return connection.retries.whilePassing(async () => {
    const answer = await getObject(connection, object);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body(answer, object)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }, isBroken);
}

/** Writes the whole object to a new file. */
export async function download(connection: S3Connection, object: WantedObject, path: string): Promise<void> {
  await connection.retries.whilePassing(async () => {
    const answer = await getObject(connection, object);
    await pipeline(body(answer, object), createWriteStream(path));
  }, isBroken);
}

/**
 * The bytes first..last. Goes on where a body broke off, as long as the object is the same. `failure` says what the stream
 * fails with.
 */
export async function readRange(
  connection: S3Connection,
  object: WantedObject,
  { first, last }: ByteRange,
  failure: (cause: unknown) => PlumbError,
): Promise<Readable> {
  const answer = await getObject(connection, object, `bytes=${first}-${last}`);
  const opened = answer.Body as Readable | undefined;
  const sizeBytes = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? Number.NaN);
  if (last >= sizeBytes || answer.ContentLength !== last - first + 1) {
    opened?.destroy();
    throw tooShort(object.key, Number.isNaN(sizeBytes) ? (answer.ContentLength ?? 0) : sizeBytes, last + 1);
  }
  const chunks = rangeChunks(connection, { ...object, etag: answer.ETag ?? '' }, answer, { first, last }, failure);
  const stream = Readable.from(chunks, { objectMode: false, highWaterMark: 256 * 1024 });
  // A stream that nobody read has not begun the generator, which would end the answer.
  return stream.once('close', () => opened?.destroy());
}

async function* rangeChunks(
  connection: S3Connection,
  object: WantedObject,
  opened: GetObjectCommandOutput,
  { first, last }: ByteRange,
  failure: (cause: unknown) => PlumbError,
): AsyncGenerator<Uint8Array> {
  let position = first;
  let chunks: AsyncGenerator<Uint8Array> | null = body(opened, object);
  // Each chunk has the patience of a request of its own: what makes progress may last.
  const nextChunk = async (): Promise<IteratorResult<Uint8Array>> => {
    chunks ??= body(await rest(connection, object, { first: position, last }), object);
    try {
      return await chunks.next();
    } catch (error) {
      chunks = null;
      throw error;
    }
  };
  try {
    while (position <= last) {
      const { value, done } = await connection.retries.whilePassing(nextChunk, isBroken);
      if (done === true) throw new BrokenBody(`the body of ${object.key} ended ${last + 1 - position} bytes too early`);
      position += value.byteLength;
      yield value;
    }
  } catch (cause) {
    throw failure(cause);
  } finally {
    await chunks?.return(undefined);
  }
}

/** What follows a body that broke off; other bytes than those would be a silent mix. */
async function rest(connection: S3Connection, object: WantedObject, { first, last }: ByteRange) {
  const answer = await getObject(connection, object, `bytes=${first}-${last}`);
  if (answer.ContentRange?.startsWith(`bytes ${first}-${last}/`) === true) return answer;
  (answer.Body as Readable | undefined)?.destroy();
  throw new BrokenBody(`asked for bytes ${first}-${last} of ${object.key}, got ${answer.ContentRange ?? 'others'}`);
}

export const tooShort = (key: string, sizeBytes: number, expectedBytes: number): PlumbError =>
  new PlumbError(
    'STORAGE_CORRUPT',
    `the stored object ${key} is damaged: found ${sizeBytes} bytes, expected at least ${expectedBytes}`,
    { details: { key } },
  );

function getObject(
  { client }: S3Connection,
  { bucket, key, etag, signal }: WantedObject,
  range?: string,
): Promise<GetObjectCommandOutput> {
  const condition = etag === undefined ? {} : { IfMatch: etag };
  // Checksums are of whole objects.
  const part = range === undefined ? ({ ChecksumMode: 'ENABLED' } as const) : { Range: range };
  return client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...condition, ...part }), sending(signal));
}

async function* body(answer: GetObjectCommandOutput, { key, signal }: WantedObject): AsyncGenerator<Uint8Array> {
  let length = 0;
  const stream = answer.Body as Readable | undefined;
  const abort = (): void => void stream?.destroy(cancelled());
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of stream ?? []) {
      length += (chunk as Uint8Array).byteLength;
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    if (cause instanceof PlumbError) throw cause;
    throw new BrokenBody(`the body of ${key} broke off (${errorCode(cause) ?? 'unknown'})`, { cause });
  } finally {
    signal?.removeEventListener('abort', abort);
    stream?.destroy();
  }
  if (answer.ContentLength !== undefined && length !== answer.ContentLength)
    throw new BrokenBody(`the body of ${key} ended after ${length} of ${answer.ContentLength} bytes`);
}
