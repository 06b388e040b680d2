// Arrow IPC, stream or file format (told apart by the magic), as record batches. Memory grows with the largest batch, not
// with the file. The framing is checked first: apache-arrow ends without an error where a stream stops after a length
// prefix or where the footer of a file points outside of it, and fills the memory where a length is damaged.
import { type FileHandle, open } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { CompressionType, compressionRegistry, type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow';
import { ArrowDamage } from './arrow-damage.ts';
import { checkFooter, checkMessage, MESSAGE_TYPES } from './ipc-metadata.ts';
import { bytesLeft, type LabelLimits, overBytes, overLimit, takeBytes } from './label-limits.ts';
import { decodeLz4Frame } from './lz4-frame.ts';

compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
compressionRegistry.set(CompressionType.ZSTD, { decode: decodeZstd });

const MAGIC = 'ARROW1';
const MAX_BUFFER_BYTES = 2 ** 31 - 1;

function decodeZstd(bytes: Uint8Array): Uint8Array {
  const left = bytesLeft();
  try {
    const content = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, Math.min(left, MAX_BUFFER_BYTES)) });
    takeBytes(content.byteLength);
    return content;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' && left < MAX_BUFFER_BYTES) throw overBytes();
    throw error;
  }
}

export interface ArrowInput extends AsyncDisposable {
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch>;
}

/** Rejects with a plain Error that says in a few words what is wrong with the content. */
export async function readArrow(path: string, limits: LabelLimits): Promise<ArrowInput> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const isFile = size >= MAGIC.length && (await bytesAt(file, 0, MAGIC.length)).toString('latin1') === MAGIC;
    const batchCount = isFile ? await checkFile(file, size, limits) : await checkStream(file, size, limits);
    const reader = await RecordBatchReader.from(file);
    await reader.open();
    if (reader.schema === undefined) throw new ArrowDamage('there is no schema');
    return { schema: reader.schema, batches: exactly(batchCount, reader), [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* exactly(expected: number, reader: RecordBatchReader): AsyncIterable<RecordBatch> {
  let found = 0;
  for await (const batch of reader) {
    // A reader without batches yields one empty batch in their place.
    if (found < expected) yield batch;
    found++;
  }
  if (found < expected) throw new ArrowDamage(`found ${found} record batches, expected ${expected}`);
}

/**
 * Walks the framing and returns the number of record batches: [-1, 4] | metadata length, 4 | metadata | body. A length of 0
 * ends a stream; so may the end of the file between two messages.
 */
async function checkStream(file: FileHandle, size: number, limits: LabelLimits): Promise<number> {
  if (size === 0) throw new ArrowDamage('it is empty');
  let batches = 0;
  let allRows = 0;
  for (let at = 0; at < size; ) {
    const { start, length } = await prefixAt(file, at, size);
    if (length === 0) return batches;
    if (length < 0 || start + length > size)
      throw new ArrowDamage(at === 0 ? 'it does not begin like one' : 'it is truncated');
    const { type, bodyLength, rows } = checkMessage(await bytesAt(file, start, length), limits);
    allRows = addedRows(allRows, rows, limits);
    requireType(type, at === 0 ? ['schema'] : ['dictionaryBatch', 'recordBatch']);
    if (type === MESSAGE_TYPES.recordBatch) batches++;
    at = start + length + bodyLength;
    if (bodyLength < 0 || at > size) throw new ArrowDamage('it is truncated');
  }
  return batches;
}

/** From the end: magic, 6 | footer length, 4 | footer. */
async function checkFile(file: FileHandle, size: number, limits: LabelLimits): Promise<number> {
  const tail = await bytesAt(file, Math.max(0, size - 10), Math.min(10, size));
  if (tail.byteLength < 10 || tail.toString('latin1', 4) !== MAGIC)
    throw new ArrowDamage('the end is missing: it is truncated');
  const length = tail.readInt32LE(0);
  if (length <= 0 || length > size - 10) throw new ArrowDamage('its footer is damaged');
  const { dictionaries, batches } = checkFooter(await bytesAt(file, size - 10 - length, length), limits);
  let allRows = 0;
  for (const block of [...dictionaries, ...batches]) {
    const { offset, bodyLength } = block;
    if (!(offset >= MAGIC.length && offset < size)) throw new ArrowDamage('its footer is damaged');
    const message = await prefixAt(file, offset, size);
    if (message.length <= 0 || message.start + message.length > size) throw new ArrowDamage('its footer is damaged');
    const shape = checkMessage(await bytesAt(file, message.start, message.length), limits);
    requireType(shape.type, [batches.includes(block) ? 'recordBatch' : 'dictionaryBatch']);
    allRows = addedRows(allRows, shape.rows, limits);
    if (shape.bodyLength !== bodyLength || message.start + message.length + bodyLength > size)
      throw new ArrowDamage('its footer is damaged');
  }
  return batches.length;
}

/** apache-arrow skips a message of another type without its body, and may then read the same bytes for ever. */
function requireType(found: number, expected: readonly (keyof typeof MESSAGE_TYPES)[]): void {
  if (expected.every((name) => MESSAGE_TYPES[name] !== found))
    throw new ArrowDamage(`a message is of type ${found} where a ${expected.join(' or ')} is expected`);
}

function addedRows(before: number, rows: number, limits: LabelLimits): number {
  if (rows < 0) throw new ArrowDamage('a record batch has less than no rows');
  if (before + rows > limits.rows) throw overLimit('rows', `${before + rows} labels or more`, limits);
  return before + rows;
}

/** Where the metadata of the message at `at` starts, and its length. */
async function prefixAt(
  file: FileHandle,
  at: number,
  size: number,
): Promise<{ readonly start: number; readonly length: number }> {
  const prefix = await bytesAt(file, at, Math.min(8, size - at));
  const marked = prefix.byteLength >= 4 && prefix.readInt32LE(0) === -1;
  if (prefix.byteLength < (marked ? 8 : 4)) throw new ArrowDamage('it is truncated');
  return { start: at + (marked ? 8 : 4), length: prefix.readInt32LE(marked ? 4 : 0) };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new ArrowDamage('it is truncated');
  return buffer;
}
