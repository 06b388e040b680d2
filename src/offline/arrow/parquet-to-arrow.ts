// Parquet parts → one Arrow IPC file (`dataset create --out x.arrow`). One batch at a time, so memory does not grow with the
// parts. Load this module when it is needed: it brings apache-arrow and WebAssembly with it.
import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Message, type RecordBatch, RecordBatchFileWriter, RecordBatchReader, type Schema } from 'apache-arrow';
import { ParquetFile, type RecordBatch as WasmBatch } from 'parquet-wasm';
import { PlumbError } from '../../../schemas/errors.ts';
import { diskFailure, errorCode } from '../../storage/disk-failure.ts';

const ROWS_PER_BATCH = 65_536;

/**
 * Writes the rows of `parts` (absolute paths, at least one, all with the same columns), in order, to `target`, atomically:
 * a failure leaves what was there. Returns the number of rows. STORAGE_CORRUPT where a part cannot be read.
 */
export async function parquetToArrow(parts: readonly string[], target: string): Promise<number> {
  const unfinished = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const rows = await writeArrow(parts, unfinished);
    await rename(unfinished, target);
    return rows;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw errorCode(error) === null ? error : diskFailure(error, 'disk', `writing ${basename(target)}`);
  }
}

async function writeArrow(parts: readonly string[], path: string): Promise<number> {
  await using file = await open(path, 'wx');
  const writer = new FileWriter();
  let schema: Schema | null = null;
  let rows = 0;
  for (const part of parts) {
    for await (const batch of batchesOf(part)) {
      schema ??= batch.schema;
      requireSameColumns(schema, batch.schema, part);
      writer.write(batch);
      rows += batch.numRows;
      await writer.flushTo(file);
    }
  }
  writer.finish();
  await writer.flushTo(file);
  await file.sync();
  return rows;
}

/** One batch without rows where the part has none, so that its columns are known. */
async function* batchesOf(path: string): AsyncGenerator<RecordBatch> {
  try {
    using parquet = await ParquetFile.fromFile(await openAsBlob(path));
    let rows = 0;
    for await (const batch of await parquet.stream({ batchSize: ROWS_PER_BATCH })) {
      rows += (batch as WasmBatch).numRows;
      yield* arrowBatches((batch as WasmBatch).intoIPCStream());
    }
    const expected = parquet.metadata().fileMetadata().numRows();
    if (rows !== expected) throw new Error(`found ${rows} rows, expected ${expected}`);
    if (rows === 0) yield* arrowBatches(parquet.schema().intoIPCStream());
  } catch (cause) {
    const message = `the part ${basename(path)} cannot be read as Parquet: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new PlumbError('STORAGE_CORRUPT', message, { details: { part: basename(path) }, cause });
  }
}

const arrowBatches = (ipc: Uint8Array): Iterable<RecordBatch> => RecordBatchReader.from(ipc);

function requireSameColumns(expected: Schema, found: Schema, part: string): void {
  const columns = ({ fields }: Schema): string => fields.map(({ name, type }) => `${name} ${type}`).join(', ');
  if (columns(expected) === columns(found)) return;
  const message = `the part ${basename(part)} has the columns ${columns(found)}, expected ${columns(expected)}`;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { part: basename(part) } });
}

/** Hands out what it wrote instead of queueing it, and puts the schema first too, for readers that go from the start. */
class FileWriter extends RecordBatchFileWriter {
  #chunks: Uint8Array[] = [];

  async flushTo(file: FileHandle): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    if (chunks.length > 0) await file.writeFile(Buffer.concat(chunks));
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (!this._started || chunk.byteLength === 0) return this;
    this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this._position += chunk.byteLength;
    return this;
  }

  protected override _writeSchema(schema: Schema): this {
    super._writeSchema(schema);
    return this._writeMessage(Message.from(schema));
  }
}
