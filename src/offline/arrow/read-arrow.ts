// Arrow IPC, stream or file format (told apart by the magic), as record batches. Memory grows with the largest batch, not
// with the file. What apache-arrow would pass over in silence is checked here: it ends without an error where a stream
// stops after a length prefix, and where the footer of a file points outside of it.
import { type FileHandle, open } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { CompressionType, compressionRegistry, Message, type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow';
import { decodeLz4Frame } from './lz4-frame.ts';

compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => zstdDecompressSync(bytes) });

const MAGIC = 'ARROW1';

export interface ArrowInput extends AsyncDisposable {
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch>;
}

/** Rejects with a plain Error that says in a few words what is wrong with the content. */
export async function readArrow(path: string): Promise<ArrowInput> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const isFile = (await textAt(file, 0, MAGIC.length)) === MAGIC;
    if (isFile && (await textAt(file, size - MAGIC.length, MAGIC.length)) !== MAGIC) throw new Error('the end is missing');
    const streamBatches = isFile ? null : await countStreamBatches(file, size);
    const reader = await RecordBatchReader.from(file);
    await reader.open();
    if (reader.schema === undefined) throw new Error('there is no schema');
    const batches = checked(reader, streamBatches ?? reader.numRecordBatches);
    return { schema: reader.schema, batches, [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* checked(reader: RecordBatchReader, expected: number): AsyncIterable<RecordBatch> {
  let found = 0;
  for await (const batch of reader) {
    // A reader without batches yields one empty batch in their place.
    if (found < expected) yield batch;
    found++;
  }
  if (found < expected) throw new Error(`found ${found} record batches, expected ${expected}`);
}

/**
 * Walks the framing of a stream: [-1, 4] | metadata length, 4 | metadata | body. A length of 0 ends it; so may the end of
 * the file between two messages.
 */
async function countStreamBatches(file: FileHandle, size: number): Promise<number> {
  let batches = 0;
  for (let at = 0; at < size; ) {
    const prefix = await bytesAt(file, at, Math.min(8, size - at));
    if (prefix.byteLength < 4) throw new Error('it is truncated');
    const marked = prefix.readInt32LE(0) === -1;
    if (marked && prefix.byteLength < 8) throw new Error('it is truncated');
    const length = prefix.readInt32LE(marked ? 4 : 0);
    const start = at + (marked ? 8 : 4);
    if (length === 0) return batches;
    if (length < 0 || start + length > size) throw new Error(at === 0 ? 'it does not begin like one' : 'it is truncated');
    const message = Message.decode(await bytesAt(file, start, length));
    if (at === 0 && !message.isSchema()) throw new Error('it does not begin with a schema');
    if (message.isRecordBatch()) batches++;
    at = start + length + message.bodyLength;
    if (at > size) throw new Error('it is truncated');
  }
  if (size === 0) throw new Error('it is empty');
  return batches;
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new Error('it is truncated');
  return buffer;
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  if (position < 0) return '';
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}
