// Labels in Arrow IPC → Parquet, which every engine reads. One record batch at a time, so memory grows with the largest
// batch and not with the file. Load this module when it is needed: it brings apache-arrow and WebAssembly with it.
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from 'apache-arrow';
import {
  Compression,
  transformParquetStream,
  type RecordBatch as WasmBatch,
  Table as WasmTable,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm';
import { PlumbError } from '../../../schemas/errors.ts';
import { diskFailure, errorCode } from '../../storage/disk-failure.ts';
import { ArrowDamage } from './arrow-damage.ts';
import { ConversionGuard } from './conversion-guard.ts';
import { byteBudget, type LabelLimits, OWN_LABELS } from './label-limits.ts';
import { portableBatch, portableSchema } from './portable-batch.ts';
import { type ArrowInput, readArrow } from './read-arrow.ts';

const ROWS_PER_GROUP = 122_880;
/** A multiple of 8, so that slices of bitmaps start at a byte. */
const ROWS_PER_SLICE = 65_536;

/**
 * Converts the labels at `source` (absolute path) into Parquet files in `folder`, in the order of the labels; returns them
 * with their rows. There is a file even without rows: it carries the columns. INVALID_LABELS where the content is no Arrow
 * IPC, truncated or damaged, or has types that Parquet cannot hold; TOO_LARGE where it is over `limits`.
 */
export async function arrowToParquet(
  source: string,
  folder: string,
  limits: LabelLimits = OWN_LABELS,
): Promise<readonly { readonly localPath: string; readonly rows: number }[]> {
  const localPath = join(folder, 'part-00000.parquet');
  try {
    await using input = await readArrow(source, limits);
    requireColumns(input.schema);
    return [{ localPath, rows: await convert(input, localPath, limits) }];
  } catch (error) {
    throw labelsFailure(error, basename(source));
  }
}

async function convert(input: ArrowInput, localPath: string, limits: LabelLimits): Promise<number> {
  const schema = portableSchema(input.schema);
  const slices = portableSlices(input.batches, schema, limits);
  const first = await slices.next();
  if (first.done === true) {
    await writeFile(
      localPath,
      writeParquet(WasmTable.fromIPCStream(tableToIPC(new Table(schema), 'stream')), properties()),
    );
    return 0;
  }
  using guard = new ConversionGuard();
  const source = countedSource(first.value, slices, () => guard.moved());
  try {
    const parquet = await guard.watch(transformParquetStream(source.stream, properties()));
    await guard.watch(pipeline(Readable.fromWeb(parquet), createWriteStream(localPath)));
  } catch (error) {
    source.rows();
    throw error;
  }
  return source.rows();
}

async function* portableSlices(
  batches: AsyncIterable<RecordBatch>,
  schema: Schema,
  limits: LabelLimits,
): AsyncGenerator<RecordBatch, undefined> {
  const withinBytes = byteBudget(limits);
  const source = batches[Symbol.asyncIterator]();
  for (;;) {
    const { done, value: batch } = await withinBytes(() => source.next());
    if (done === true) return;
    const portable = withinBytes(() => portableBatch(batch, schema));
    for (let from = 0; from < batch.numRows; from += ROWS_PER_SLICE) yield portable.slice(from, from + ROWS_PER_SLICE);
  }
}

/**
 * The batches as parquet-wasm takes them. It takes an error of its source for the end and finishes a file that looks whole,
 * so `rows` throws what went wrong.
 */
function countedSource(first: RecordBatch, rest: AsyncGenerator<RecordBatch, undefined>, onPulled: () => void) {
  let next: RecordBatch | undefined = first;
  let rows = 0;
  let failure: { readonly error: unknown } | null = null;
  const stream = new ReadableStream<WasmBatch>(
    {
      async pull(controller) {
        onPulled();
        try {
          next ??= (await rest.next()).value;
          if (next === undefined) return controller.close();
          for (const batch of toWasm(next)) controller.enqueue(batch);
          rows += next.numRows;
          next = undefined;
        } catch (error) {
          failure ??= { error };
          controller.close();
        }
      },
    },
    { highWaterMark: 1 },
  );
  const checkedRows = (): number => {
    if (failure !== null) throw failure.error;
    return rows;
  };
  return { stream, rows: checkedRows };
}

function toWasm(batch: RecordBatch): readonly WasmBatch[] {
  try {
    return wasmBatches(batch);
  } catch (cause) {
    throw damagedColumn(batch, cause);
  }
}

const wasmBatches = (batch: RecordBatch): readonly WasmBatch[] =>
  WasmTable.fromIPCStream(tableToIPC(new Table([batch]), 'stream')).recordBatches();

/** Names the first column that cannot be converted alone either. */
function damagedColumn(batch: RecordBatch, cause: unknown): unknown {
  const column = batch.schema.fields.find((_field, index) => !isConvertible(columnOf(batch, index)))?.name;
  if (column === undefined) return cause;
  const message = `label column ${column} cannot be converted: found text that is not UTF-8, positions outside of its values, or a map whose entries may be null, expected a sound Arrow column; write the labels again`;
  return new PlumbError('INVALID_LABELS', message, { details: { column }, cause });
}

/** RecordBatch.select of apache-arrow leaves columns after the first without their values. */
function columnOf(batch: RecordBatch, index: number): RecordBatch {
  const fields = batch.schema.fields.slice(index, index + 1);
  const children = batch.data.children.slice(index, index + 1);
  const type = new Struct(fields);
  return new RecordBatch(new Schema(fields), makeData({ type, length: batch.numRows, nullCount: 0, children }));
}

function isConvertible(batch: RecordBatch): boolean {
  try {
    wasmBatches(batch);
    return true;
  } catch {
    return false;
  }
}

const properties = () =>
  new WriterPropertiesBuilder().setCompression(Compression.SNAPPY).setMaxRowGroupSize(ROWS_PER_GROUP).build();

function requireColumns(schema: Schema): void {
  const names = new Set<string>();
  for (const { name } of schema.fields) {
    if (names.has(name))
      throw new PlumbError('INVALID_LABELS', `the labels have two columns named "${name}", expected each name once`);
    names.add(name);
  }
  if (names.size === 0) throw new PlumbError('INVALID_LABELS', 'the labels have no columns');
}

function labelsFailure(cause: unknown, file: string): PlumbError {
  if (cause instanceof PlumbError) return cause;
  const code = errorCode(cause);
  if (code === 'ENOENT')
    return new PlumbError('INVALID_LABELS', `there is no labels file ${file}`, { details: { file }, cause });
  if (code?.startsWith('E') && !code.startsWith('ERR_'))
    return diskFailure(cause, 'disk', `converting the labels ${file}`);
  const reason = cause instanceof ArrowDamage ? ` (${cause.message})` : '';
  const message = `the labels ${file} cannot be read: found no sound Arrow IPC stream or file${reason}, expected one that is whole`;
  return new PlumbError('INVALID_LABELS', message, { details: { file }, cause });
}
