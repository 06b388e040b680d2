// Port: reads parts that an engine wrote, and writes them into one file for others. Locations are URIs.
import type { DataType, Value } from '../../schemas/types.ts';

export interface PartReading {
  /** Reads parts back in batches of at most some thousand rows. */
  readParts(parts: readonly string[], columns: StoredColumns, signal: AbortSignal): AsyncIterable<StoredRows>;
}

export interface PartExport {
  /** Writes parts into one file, rows and columns in order; by its ending .parquet, .jsonl or .csv. */
  exportParts(
    parts: readonly string[],
    target: string,
    options: {
      readonly folder: string;
      readonly signal: AbortSignal;
      /** Of a file in Parquet. */
      readonly metadata?: Readonly<Record<string, string>> | undefined;
    },
  ): Promise<void>;
}

/** Rows of parts, as they go to the online store. */
export interface StoredRows {
  readonly rowCount: number;
  /** By key column, then row. */
  readonly keys: readonly (readonly Value[])[];
  readonly eventMicros: readonly (bigint | null)[];
  readonly createdMicros: readonly (bigint | null)[];
  /** By feature, then row. */
  readonly values: readonly (readonly Value[])[];
  /** By row: the names of features that are INVALID; null for none. */
  readonly invalid: readonly (readonly string[] | null)[];
  /** By row: whether it deletes its key. Absent where rows cannot. */
  readonly deleted?: readonly boolean[];
  /** By row: bytes of entries, in place of values. Absent: there are none. */
  readonly entries?: readonly Uint8Array[];
}

export interface StoredColumns {
  readonly keys: readonly { readonly name: string; readonly type: DataType }[];
  /** Empty for parts of gone keys. */
  readonly features: readonly { readonly name: string; readonly type: DataType }[];
  /** Whether rows can delete their keys. */
  readonly isDeleting?: boolean;
  /** In place of features. */
  readonly hasEntries?: boolean;
}
