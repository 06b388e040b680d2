// Port: an engine that reads a file of events, whose values are checked later as those of a request are.
import type { DataType } from '../../schemas/types.ts';

export interface EventFile {
  /** Absolute. */
  readonly path: string;
  readonly format: 'csv' | 'parquet';
  /** Of the source: how the text of each column is to be understood. */
  readonly columns: ReadonlyMap<string, DataType>;
  readonly signal: AbortSignal;
}

export interface EventRows {
  /** Names of its columns. */
  columnsOf(file: EventFile): Promise<readonly string[]>;
  /** Some rows at a time, in order: the text of each value, null where there is none; of lists and the like their JSON. */
  rowsOf(file: EventFile): AsyncIterable<readonly Readonly<Record<string, string | null>>[]>;
}
