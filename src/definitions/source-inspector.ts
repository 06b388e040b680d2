// Port: looks at the real source so that `apply` finds a missing file or a wrong column before anything runs.
import type { DataType } from '../../schemas/types.ts';
import type { Source } from '../catalog/catalog.ts';

export interface SourceShape {
  /** Number of files (or objects) that the path matches; 0 means that the source is missing. */
  readonly fileCount: number;
  /** Why there is none, in words. */
  readonly whyEmpty?: string;
  /**
   * Columns as the files have them, in their order: our type where the physical type maps to one losslessly, else the
   * engine's own name of it in `physical` with `type: null`. CSV columns are all `string` physically. Empty
   * where there is no file; of jsonl, which carries no schema, the names seen in the first rows with types null.
   */
  readonly columns: ReadonlyMap<string, { readonly type: DataType | null; readonly physical: string }>;
}

export interface SourceInspector {
  /** Never throws for a missing file; throws PlumbError SOURCE_MISMATCH for one that cannot be read. */
  inspect(source: Pick<Source, 'path' | 'format' | 'csv'>): Promise<SourceShape>;
  /**
   * Checks that a declared source really reads with its declared columns and types (declared int64 but the file has
   * text, and so on). Returns one sentence per problem, empty when all is well.
   */
  check(
    source: Source,
  ): Promise<readonly { readonly column: string | null; readonly found: string; readonly expected: string }[]>;
}
