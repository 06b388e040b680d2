// Parts → record batches, a row group at a time. In memory at any time: one row group as it is decoded, and the next one as
// it lies in the file.
import type { RecordBatch } from 'apache-arrow';
import type { Dataset } from '../../../../schemas/wire-types.ts';
import { PlumbProtocolError, PlumbSdkError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { columnsOf } from './columns.ts';
import { type Footer, readFooter } from './footer.ts';
import { oneAhead } from './one-ahead.ts';
import { rowGroupFile } from './row-group-file.ts';
import { decode, loadParquet, type ParquetWasmSource } from './wasm.ts';

export interface BatchOptions {
  /** Only these, in this order: nothing else is fetched. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** Rows of a batch at most; batches end with their row group. Default 16,384. */
  readonly batchRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PartsToRead {
  readonly manifest: Dataset;
  readonly wasm: ParquetWasmSource | undefined;
  /** As in the manifest. */
  readonly parts: readonly ByteSource[];
}

export async function* readBatches(
  { manifest, wasm, parts }: PartsToRead,
  { columns, batchRows = 16_384, signal }: BatchOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  if (!Number.isSafeInteger(batchRows) || batchRows < 1)
    throw new TypeError(`batchRows: found ${batchRows}, expected a whole number from 1`);
  const { wanted, batchInOrder } = columnsOf(manifest, columns);
  const parquet = await loadParquet(wasm);
  const groups = oneAhead(signal, (ends) => rowGroups(manifest, parts, wanted, ends));
  for await (const { name, rows, file } of groups) {
    let found = 0;
    for (const batch of asParquet(name, () => decode(parquet, file, batchRows))) {
      signal?.throwIfAborted();
      found += batch.numRows;
      yield batchInOrder(batch);
    }
    requireRows(name, found, rows);
  }
}

interface FetchedGroup {
  readonly name: string;
  readonly rows: number;
  /** A Parquet file of its own. */
  readonly file: Uint8Array;
}

async function* rowGroups(
  manifest: Dataset,
  parts: readonly ByteSource[],
  wanted: ReadonlySet<string> | null,
  signal: AbortSignal,
): AsyncGenerator<FetchedGroup> {
  for (const [n, part] of parts.entries()) {
    const footer = await footerOf(part, signal);
    requireRows(part.name, footer.rows, manifest.parts[n]?.rows ?? 0);
    for (const group of footer.groups) {
      const file = await rowGroupFile(part, footer, group, wanted, signal).catch(notParquet(part.name, signal));
      yield { name: part.name, rows: group.rows, file };
    }
  }
}

export const footerOf = (part: ByteSource, signal: AbortSignal | undefined): Promise<Footer> =>
  readFooter(part, signal).catch(notParquet(part.name, signal));

/** What went wrong on the way stays what it is; anything else is wrong with the bytes. */
const notParquet = (name: string, signal: AbortSignal | undefined) => (cause: unknown) => {
  if (signal?.aborted === true || cause instanceof PlumbSdkError || cause instanceof TypeError) throw cause;
  throw unreadable(name, cause);
};

const unreadable = (name: string, cause: unknown): PlumbProtocolError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PlumbProtocolError(`${name} cannot be read as Parquet: ${reason}`, { cause });
};

function* asParquet(name: string, batches: () => Iterable<RecordBatch>): Generator<RecordBatch> {
  const iterator = batches()[Symbol.iterator]();
  try {
    for (;;) {
      const step = nextOf(name, iterator);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    iterator.return?.();
  }
}

function nextOf(name: string, iterator: Iterator<RecordBatch>): IteratorResult<RecordBatch> {
  try {
    return iterator.next();
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

export function requireRows(name: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new PlumbProtocolError(`${name}: found ${found} rows, expected ${expected}`);
}
