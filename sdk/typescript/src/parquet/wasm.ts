// parquet-wasm: loaded once, when rows are first asked for.
import { type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow';

/** The address or the bytes of parquet_wasm_bg.wasm. */
export type ParquetWasmSource = string | URL | Response | ArrayBuffer | Uint8Array<ArrayBuffer>;

type ParquetWasm = typeof import('parquet-wasm');

let loading: Promise<ParquetWasm> | null = null;

/** `source` counts the first time. A failure to load is not kept. */
export function loadParquet(source: ParquetWasmSource | undefined): Promise<ParquetWasm> {
  loading ??= load(source).catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load(source: ParquetWasmSource | undefined): Promise<ParquetWasm> {
  const parquet = await import('parquet-wasm');
  // Its Node build is ready at once and has no such function; the other one has to be started.
  const { default: start } = parquet as { readonly default?: unknown };
  if (typeof start === 'function') await start(source === undefined ? undefined : { module_or_path: source });
  return parquet;
}

/** The rows of a Parquet file. Until the last batch is taken, or the loop ends, they are in the memory of WebAssembly too. */
export function* decode(parquet: ParquetWasm, file: Uint8Array, batchRows: number): Generator<RecordBatch> {
  const table = parquet.readParquet(file, { batchSize: batchRows });
  try {
    const { numBatches } = table;
    for (let i = 0; i < numBatches; i += 1) {
      yield* arrowBatches((table.recordBatch(i) as NonNullable<ReturnType<typeof table.recordBatch>>).intoIPCStream());
    }
  } finally {
    table.free();
  }
}

export function decodeSchema(parquet: ParquetWasm, file: Uint8Array): Schema {
  return RecordBatchReader.from(parquet.readSchema(file).intoIPCStream()).open().schema;
}

const arrowBatches = (ipc: Uint8Array): Iterable<RecordBatch> => RecordBatchReader.from(ipc);
