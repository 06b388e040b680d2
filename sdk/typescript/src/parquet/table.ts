// Parts → one table of apache-arrow, part by part.
import { type RecordBatch, type Schema, Table } from 'apache-arrow';
import type { Dataset } from '../../../../schemas/wire-types.ts';
import { footerOf, readBatches } from './batches.ts';
import { bytesSource } from './byte-source.ts';
import { columnsOf } from './columns.ts';
import { emptyFile } from './row-group-file.ts';
import { decodeSchema, loadParquet, type ParquetWasmSource } from './wasm.ts';

export interface TableToRead {
  readonly manifest: Dataset;
  readonly wasm: ParquetWasmSource | undefined;
  readonly columns: readonly string[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Larger than those of a loop: fewer, and held anyway. */
const ROWS_PER_BATCH = 131_072;

/** `parts`: each fetches a part, whole. */
export async function readTable(
  { manifest, wasm, columns, signal }: TableToRead,
  parts: readonly (() => Promise<Uint8Array>)[],
): Promise<Table> {
  const batches: RecordBatch[] = [];
  let schema: Schema | null = null;
  for (const [n, fetchPart] of parts.entries()) {
    const part = bytesSource(`part ${n} of ${manifest.name} ${manifest.version}`, await fetchPart());
    const only = { ...manifest, parts: manifest.parts.slice(n, n + 1) };
    const options = { columns, signal, batchRows: ROWS_PER_BATCH };
    for await (const batch of readBatches({ manifest: only, wasm, parts: [part] }, options)) batches.push(batch);
    schema ??= batches[0]?.schema ?? (await schemaOf(manifest, wasm, columns, part));
  }
  return schema === null ? new Table() : new Table(schema, batches);
}

/** Of a part without rows. */
async function schemaOf(
  manifest: Dataset,
  wasm: ParquetWasmSource | undefined,
  columns: readonly string[] | undefined,
  part: ReturnType<typeof bytesSource>,
): Promise<Schema> {
  const footer = await footerOf(part, undefined);
  const { wanted, schemaInOrder } = columnsOf(manifest, columns);
  return schemaInOrder(decodeSchema(await loadParquet(wasm), emptyFile(footer, wanted)));
}
