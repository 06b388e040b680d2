// Local files → objects, big ones in parts. A failed upload is aborted, so that its parts cost nothing; what a killed
// process left is aborted later by endStaleUploads.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { cancelled } from '../../cancelled.ts';
import type { S3Connection } from './s3-connection.ts';

/** Bigger than this, an object is uploaded in parts of it. S3 takes 10,000 parts: 160 GB in one object. */
const PART_BYTES = 16 * 2 ** 20;
const PARTS_AT_ONCE = 4;
/** In the metadata of an object: which write made it. */
export const WRITE_ID = 'plumb-write';

interface FileUpload {
  readonly bucket: string;
  readonly key: string;
  readonly localPath: string;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadedObject {
  readonly etag: string;
  readonly sizeBytes: number;
}

export async function uploadFile(connection: S3Connection, upload: FileUpload): Promise<UploadedObject> {
  const { bucket, key, localPath, signal } = upload;
  signal?.throwIfAborted();
  const { size } = await stat(localPath);
  const writeId = randomUUID();
  const Body = createReadStream(localPath, { highWaterMark: 2 ** 20 });
  // The SDK's own abort returns before it has removed the parts. An end of the body is a failure that it cleans up after.
  const abort = (): void => void Body.destroy(cancelled());
  Body.on('error', () => undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const params = { Bucket: bucket, Key: key, Body, ContentLength: size, Metadata: { [WRITE_ID]: writeId } };
    const { client } = connection;
    const done = new Upload({
      client,
      params,
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: false,
    });
    const { ETag = '' } = await done.done();
    return { etag: ETag, sizeBytes: size };
  } catch (error) {
    // The answer to its completion was lost: asked again, the service knows the upload no more.
    const written =
      error instanceof Error && error.name === 'NoSuchUpload' ? await findWrite(connection, upload, writeId) : null;
    if (written === null) throw error;
    return { etag: written, sizeBytes: size };
  } finally {
    signal?.removeEventListener('abort', abort);
    Body.destroy();
  }
}

/** The ETag of the object, where this very write made it. */
export async function findWrite(
  { client }: S3Connection,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  writeId: string,
): Promise<string | null> {
  const { Metadata, ETag = '' } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return Metadata?.[WRITE_ID] === writeId ? ETag : null;
}

interface StaleUploads {
  readonly bucket: string;
  /** Empty, or a folder that ends in `/`. */
  readonly prefix: string;
  readonly startedBefore: Date;
  /** Counts them only. */
  readonly isDry: boolean;
}

/** Aborts uploads in parts under the prefix that nobody finished; how many. */
export async function endStaleUploads(
  { client }: S3Connection,
  { bucket, prefix, startedBefore, isDry }: StaleUploads,
): Promise<number> {
  let ended = 0;
  for await (const { Key, UploadId, Initiated } of unfinishedUploads(client, bucket, prefix)) {
    if (Initiated === undefined || Initiated >= startedBefore || Key?.startsWith(prefix) !== true) continue;
    if (!isDry) await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
    ended += 1;
  }
  return ended;
}

async function* unfinishedUploads(client: S3Client, bucket: string, prefix: string) {
  let from: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | null = {};
  while (from !== null) {
    const page: ListMultipartUploadsCommandOutput = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
    );
    yield* page.Uploads ?? [];
    from =
      page.IsTruncated === true ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : null;
  }
}
