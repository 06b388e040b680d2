// What was found out about a source's files before they are read.

export type Compression = 'none' | 'gzip' | 'zstd';

export interface ScannedFiles {
  readonly paths: readonly string[];
  /** Physical DuckDB types by column name, for Parquet; empty for text formats. */
  readonly physical: ReadonlyMap<string, string>;
  /** The header of each CSV file, by path. */
  readonly headers?: ReadonlyMap<string, readonly string[]>;
  /** How each text file is compressed, by path; absent: not at all. */
  readonly compressions?: ReadonlyMap<string, Compression>;
}
