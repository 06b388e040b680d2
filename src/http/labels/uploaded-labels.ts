// An Arrow IPC stream as the body of a request → a file, while it comes: memory does not grow with it.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from 'hono';
import { PlumbError } from '../../../schemas/errors.ts';
import { diskFailure, errorCode } from '../../storage/disk-failure.ts';

/** TOO_LARGE beyond the limit; INVALID_LABELS where it does not begin like one. The rest is checked by the job. */
export async function writeUploadedLabels(context: Context, path: string, limitBytes: number): Promise<void> {
  const declared = Number(context.req.header('content-length') ?? 0);
  if (declared > limitBytes) throw tooLarge(limitBytes);
  const body = context.req.raw.body;
  if (body === null) throw notArrow();
  try {
    await pipeline(
      Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
      checked(limitBytes),
      createWriteStream(path),
    );
  } catch (cause) {
    if (cause instanceof PlumbError) throw cause;
    if (errorCode(cause)?.startsWith('ERR_') === false && (cause as NodeJS.ErrnoException).syscall === 'write')
      throw diskFailure(cause, 'storage', 'writing labels');
    throw new PlumbError('INVALID_REQUEST', 'the request body broke off', { cause });
  }
}

/** A message of a stream begins with -1 and its length, a file with ARROW1. */
const checked = (limitBytes: number) =>
  async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let head = Buffer.alloc(0);
    let sizeBytes = 0;
    for await (const chunk of source) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > limitBytes) throw tooLarge(limitBytes);
      if (head.byteLength < HEAD_BYTES) {
        head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
        if (head.byteLength >= HEAD_BYTES) requireArrow(head);
      }
      yield chunk;
    }
    if (head.byteLength < HEAD_BYTES) throw notArrow();
  };

const HEAD_BYTES = 8;

function requireArrow(head: Buffer): void {
  if (head.readInt32LE(0) === -1 && head.readInt32LE(4) > 0) return;
  if (head.toString('latin1', 0, 6) !== 'ARROW1') throw notArrow();
}

const notArrow = (): PlumbError =>
  new PlumbError('INVALID_LABELS', 'the request body does not begin like an Arrow IPC stream');

const tooLarge = (limitBytes: number): PlumbError =>
  new PlumbError('TOO_LARGE', `the labels are over ${limitBytes} bytes`, {
    details: { limit: 'labelBytes', limitBytes },
  });
