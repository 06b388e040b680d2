// All objects whose keys start with a prefix, page by page, in byte order of their keys.
import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { compareBytes } from '../byte-order.ts';

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAtMillis: number;
}

export interface Listing {
  readonly bucket: string;
  readonly prefix: string;
  readonly signal?: AbortSignal | undefined;
}

export async function listObjects(client: S3Client, { bucket, prefix, signal }: Listing): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  let next: string | undefined;
  do {
    // Keys may hold what XML cannot; encoded, they come through.
    const page = { Bucket: bucket, Prefix: prefix, EncodingType: 'url', ContinuationToken: next } as const;
    const answer: ListObjectsV2CommandOutput = await client.send(new ListObjectsV2Command(page), sending(signal));
    for (const { Key, Size = 0, ETag = '', LastModified } of answer.Contents ?? []) {
      if (Key === undefined) continue;
      // Whatever does not tell its age is not old.
      const modifiedAtMillis = LastModified?.getTime() ?? Date.now();
      found.push({ key: decoded(Key, answer.EncodingType), sizeBytes: Size, etag: ETag, modifiedAtMillis });
    }
    next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
  } while (next !== undefined);
  // Directory buckets and some other services list in an order of their own.
  return found.sort((left, right) => compareBytes(left.key, right.key));
}

export const sending = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  signal === undefined ? {} : { abortSignal: signal };

const decoded = (key: string, encoding: string | undefined): string =>
  encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
