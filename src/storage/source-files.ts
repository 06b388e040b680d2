// Port: the files that a source's path stands for now. Knows no SQL and no format.
import { PlumbError } from '../../schemas/errors.ts';

export interface SourceFile {
  /**
   * Relative to the project folder with `/`, also above it (`../data/x.csv`); absolute only if it was written so and lies
   * outside; s3://bucket/key of an object.
   */
  readonly path: string;
  /**
   * Where an engine reads it (location.ts): file:///… of the real file, without symbolic links; of an object the URI of a copy,
   * which stays until this port is closed.
   */
  readonly uri: string;
  readonly sizeBytes: number;
  /** Changes whenever the file was written again or replaced. */
  readonly identity: string;
}

export interface SourceFiles {
  /**
   * `path`: a file, or a glob (`*`, `**`, `?`, `[ab]`, `{a,b}`; hidden names only where written out). Regular files only,
   * in byte order of `path`, each once; empty where nothing matches. NOT_SUPPORTED for a kind of storage that cannot be
   * read yet, SOURCE_MISMATCH for a file that cannot be looked at.
   */
  list(path: string): Promise<readonly SourceFile[]>;
  /** One sentence for an empty list: why nothing matches, and what to write instead. */
  explainEmpty(path: string): Promise<string>;
}

/** Sources in s3:// go to `s3`, opened by the first of them; all others to `files`. */
export function filesOrS3(files: SourceFiles, openS3: () => Promise<SourceFiles>): SourceFiles {
  let s3: Promise<SourceFiles> | null = null;
  const placeOf = async (path: string): Promise<SourceFiles> => {
    if (!path.startsWith('s3://')) return files;
    s3 ??= openS3();
    return await s3;
  };
  return {
    list: async (path) => (await placeOf(path)).list(path),
    explainEmpty: async (path) => (await placeOf(path)).explainEmpty(path),
  };
}

/** The files of a source; SOURCE_MISMATCH where there is none, because an empty source is a file without rows. */
export async function listSource(
  sourceFiles: SourceFiles,
  source: { readonly name: string; readonly path: string },
): Promise<readonly SourceFile[]> {
  const files = await sourceFiles.list(source.path);
  if (files.length > 0) return files;
  throw new PlumbError('SOURCE_MISMATCH', `source ${source.name}: ${await sourceFiles.explainEmpty(source.path)}`, {
    details: { source: source.name },
  });
}
