// One version of a training set. Nothing here loads apache-arrow or parquet-wasm before rows are asked for.
import type { RecordBatch, Table } from 'apache-arrow';
import type { Dataset } from '../../../../schemas/wire-types.ts';
import { type LookupAnswer, type LookupEntities, lookup } from '../lookup.ts';
import type { BatchOptions } from '../parquet/batches.ts';
import type { RowOptions } from '../parquet/rows.ts';
import type { ParquetWasmSource } from '../parquet/wasm.ts';
import type { CallOptions } from '../transport/call.ts';
import type { Transport } from '../transport/transport.ts';
import type { FeatureRow } from '../values.ts';
import { downloadPart, httpPart, requirePart } from './parts.ts';

export interface PartOptions {
  readonly signal?: AbortSignal | undefined;
  /** Compare the bytes with the manifest's SHA-256. Default true; needs a page with a secure context (https, localhost). */
  readonly verify?: boolean | undefined;
}

export interface TableOptions extends PartOptions {
  /** Only these, in this order. Default: all. */
  readonly columns?: readonly string[] | undefined;
}

/** It never changes: another run makes another version. */
export class Snapshot {
  /** Columns, rows, parts, and where they come from. */
  readonly manifest: Dataset;
  readonly #transport: Transport;
  readonly #wasm: ParquetWasmSource | undefined;

  /** @internal */
  constructor(transport: Transport, manifest: Dataset, wasm: ParquetWasmSource | undefined) {
    this.#transport = transport;
    this.manifest = manifest;
    this.#wasm = wasm;
  }

  /**
   * All rows in memory, in label order. Parts come whole, one after the other, and are compared with the manifest's
   * SHA-256.
   *
   * @throws PlumbProtocolError where a part is not what the manifest says, TypeError for an unknown column
   */
  async table({ columns, signal, verify = true }: TableOptions = {}): Promise<Table> {
    const { readTable } = await import('../parquet/table.ts');
    const parts = this.manifest.parts.map(
      (_, n) => () => downloadPart(this.#transport, this.manifest, n, signal, verify),
    );
    return await readTable({ manifest: this.manifest, wasm: this.#wasm, columns, signal }, parts);
  }

  /**
   * The rows in label order, as record batches. Never holds the whole set: parts are read by row groups (some 120,000
   * rows), of which one is being read while the next one comes. A loop that ends early reads no more. Row counts are compared
   * with the manifest; SHA-256, which covers whole parts only, is not.
   */
  async *batches(options: BatchOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const { readBatches } = await import('../parquet/batches.ts');
    const parts = this.manifest.parts.map((_, n) => httpPart(this.#transport, this.manifest, n));
    yield* readBatches({ manifest: this.manifest, wasm: this.#wasm, parts }, options);
  }

  /** The rows in label order, as objects by column name, read as `batches()` reads. `T` is not checked. */
  async *rows<T extends object = FeatureRow>(options: RowOptions = {}): AsyncGenerator<T, void, undefined> {
    const { rowsOf } = await import('../parquet/rows.ts');
    for await (const batch of this.batches(options)) {
      // Not `yield*`, which waits for each row twice.
      for (const row of rowsOf<T>(batch, options)) yield row;
    }
  }

  /**
   * The newest values of exactly these features, in this order and with the meaning that they have here.
   *
   * @throws PlumbApiError as `PlumbClient.lookup`; NOT_AS_LEARNED (`details.features`) where they are not served so any more, or
   * not yet
   */
  lookup<Row extends object = FeatureRow>(
    request: LookupEntities,
    options: CallOptions = {},
  ): Promise<LookupAnswer<Row>> {
    const { name, version } = this.manifest;
    return lookup<Row>(this.#transport, { ...request, dataset: `${name}@${version}` }, options);
  }

  /** A part as it is, a Parquet file; `n` from 0. */
  part(n: number, { signal, verify = true }: PartOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    requirePart(this.manifest, n);
    return downloadPart(this.#transport, this.manifest, n, signal, verify);
  }
}
