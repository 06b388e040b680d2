// What is known of a source's files once they have been checked, and how they are scanned.
import type { Source } from '../../catalog/catalog.ts';
import type { TimeRange } from '../../plan/time-range.ts';
import type { ScanSql } from '../rows.ts';
import type { Folder } from './scan-folders.ts';
import type { ParquetGroup } from './scan-parquet.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

export interface ScannedFiles {
  /** Of a stream: the files of its history; all else is of its lake. */
  readonly history?: ScannedFiles;
  readonly paths: readonly string[];
  /** Physical DuckDB types by column name, of one group of Parquet files; empty for text formats. */
  readonly physical: ReadonlyMap<string, string>;
  /** The header of each CSV file, by path. */
  readonly headers?: ReadonlyMap<string, readonly string[]>;
  /** How each text file is compressed, by path; absent: not at all. */
  readonly compressions?: ReadonlyMap<string, Compression>;
  /** Of Parquet: the files by the types of their columns. */
  readonly groups?: readonly ParquetGroup[];
  /** Where the source reads columns from the names of folders. */
  readonly folders?: readonly Folder[];
}

export interface ScanOptions {
  /** The columns that will be asked for; default: all. */
  readonly used?: ReadonlySet<string>;
  /** Whether each row says its file, as the engine calls it, in `file`. */
  readonly withFile?: boolean;
}

export type ScanFiles = (source: Source, files: ScannedFiles, range: TimeRange, options?: ScanOptions) => ScanSql;
