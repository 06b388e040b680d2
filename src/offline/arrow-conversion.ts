// Port: Arrow IPC in and out, through Parquet files.
import type { LabelLimits } from './arrow/label-limits.ts';

export interface ArrowConversion {
  toParquet(path: string, folder: string, limits: LabelLimits): Promise<readonly { readonly localPath: string }[]>;
  fromParquet(parts: readonly string[], target: string): Promise<number>;
}
