// The bytes of a text file, unpacked where its name says that it is compressed.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression } from '../../../sql/duckdb/scan.ts';

/** By the ending of the name, as it was given: copies of objects have names of their own. */
export function compressionOf(path: string): Compression {
  if (/\.gz$/i.test(path)) return 'gzip';
  return /\.zst$/i.test(path) ? 'zstd' : 'none';
}

export function openText(path: string, compression: Compression): Readable {
  const raw = createReadStream(path);
  if (compression === 'none') return raw;
  const unpacked = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  // The reader of `unpacked` sees what failed.
  return pipeline(raw, unpacked, () => undefined);
}

/** The first `sizeBytes` of the text, or all of it. */
export async function readTextHead(
  path: string,
  { compression, sizeBytes }: { readonly compression: Compression; readonly sizeBytes: number },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of openText(path, compression) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= sizeBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, sizeBytes);
}
