// Port: what can be told of the files of a source without computing anything from them.
import type { Source } from '../catalog/catalog.ts';
import type { SourceFile } from '../storage/source-files.ts';

export interface SourceStatistics {
  /** Files that hold rows behind an instant, by their statistics: what an incremental run would not re-read. */
  filesBehind(
    source: Source,
    files: readonly SourceFile[],
    beforeMicros: bigint,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
}
