// Objects from one store into another, some at a time, each checked on its way. Small ones pass through memory, big ones
// through a file of a work folder.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { sha256Of } from './backup-manifest.ts';

const WHOLE_BYTES = 4 * 2 ** 20;
const AT_ONCE = 8;
/** Of parts: an upload of one holds up to 64 MiB in memory. */
export const PARTS_AT_ONCE = 3;

export interface Content {
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface Copying {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
  /** Of `to`. */
  readonly workFolder: string;
  readonly signal: AbortSignal;
  /** Writes what passed through memory. */
  readonly write: (key: string, content: Uint8Array) => Promise<void>;
}

export interface Copy extends Content {
  readonly fromKey: string;
  readonly toKey: string;
}

/** STORAGE_CORRUPT where the object is not there, or not what it should be; nothing is written then. */
export async function copyObject(copying: Copying, copy: Copy): Promise<void> {
  if (copy.sizeBytes > WHOLE_BYTES) return await copyThroughFile(copying, copy);
  const content = await copying.from.get(copy.fromKey);
  if (content === null) throw missing(copy.fromKey);
  requireContent(copy.fromKey, { sizeBytes: content.length, sha256: sha256Of(content) }, copy);
  await copying.write(copy.toKey, content);
}

async function copyThroughFile({ from, to, workFolder, signal }: Copying, copy: Copy): Promise<void> {
  const { fromKey, toKey, sizeBytes } = copy;
  const localPath = join(workFolder, randomUUID());
  try {
    const hash = createHash('sha256');
    const hashed = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(await opened(from, fromKey, sizeBytes), hashed, createWriteStream(localPath), { signal });
    requireContent(fromKey, { sizeBytes, sha256: hash.digest('hex') }, copy);
    await to.adopt([{ localPath, key: toKey }]);
  } finally {
    await rm(localPath, { force: true });
  }
}

/** STORAGE_CORRUPT where the object is not there, or another one. */
export async function verifyObject(store: ObjectStore, key: string, expected: Content): Promise<void> {
  const hash = createHash('sha256');
  if (expected.sizeBytes > 0)
    for await (const chunk of await opened(store, key, expected.sizeBytes)) hash.update(chunk as Buffer);
  requireContent(key, { ...expected, sha256: hash.digest('hex') }, expected);
}

async function opened(store: ObjectStore, key: string, sizeBytes: number): Promise<Readable> {
  const stream = await store.readRange(key, { first: 0, last: sizeBytes - 1 });
  if (stream === null) throw missing(key);
  return stream;
}

function requireContent(key: string, found: Content, expected: Content): void {
  if (found.sizeBytes !== expected.sizeBytes)
    throw corrupt(key, `is damaged: found ${found.sizeBytes} bytes, expected ${expected.sizeBytes}`);
  if (found.sha256 !== expected.sha256)
    throw corrupt(key, `is damaged: found SHA-256 ${found.sha256}, expected ${expected.sha256}`);
}

const missing = (key: string): PlumbError => corrupt(key, 'is missing');
const corrupt = (key: string, problem: string): PlumbError =>
  new PlumbError('STORAGE_CORRUPT', `the stored object ${key} ${problem}`, { details: { key } });

const cancelled = (cause?: unknown): PlumbError =>
  new PlumbError('CANCELLED', 'the work was cancelled; what was copied is not copied again', { cause });

/** Some at a time; ends at the first failure, once those under way are done. */
export async function forEachOf<T>(
  items: readonly T[],
  { signal, atOnce = AT_ONCE }: { readonly signal: AbortSignal; readonly atOnce?: number },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const takeNext = async (): Promise<void> => {
    for (const item of { [Symbol.iterator]: () => left }) {
      if (failures.length > 0) return;
      if (signal.aborted) failures.push(cancelled());
      else await work(item).catch((error: unknown) => failures.push(signal.aborted ? cancelled(error) : error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeNext));
  if (failures.length > 0) throw failures[0];
}
