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
  /** Of a stream: it is a file of its history, and none of its lake. */
  readonly isOfHistory?: true;
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

/** What sources of each kind of place are listed by; those of s3:// and lake:// are opened by the first source of theirs. */
export interface SourcePlaces {
  readonly files: SourceFiles;
  readonly openS3: () => Promise<SourceFiles>;
  readonly openLake: () => Promise<SourceFiles>;
}

export function filesByPlace({ files, openS3, openLake }: SourcePlaces): SourceFiles {
  const [s3, lake] = [once(openS3), once(openLake)];
  const placeOf = async (path: string): Promise<SourceFiles> => {
    if (path.startsWith('s3://')) return await s3();
    return path.startsWith('lake://') ? await lake() : files;
  };
  return {
    list: async (path) => (await placeOf(path)).list(path),
    explainEmpty: async (path) => (await placeOf(path)).explainEmpty(path),
  };
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | null = null;
  return () => {
    opening ??= open();
    return opening;
  };
}

export interface ListedSource {
  readonly name: string;
  readonly path: string;
  /** Of a stream. */
  readonly stream?: { readonly history: { readonly source: ListedSource } | null };
}

/**
 * The files of a source; SOURCE_MISMATCH where there is none, because an empty source is a file without rows. A stream may have
 * none: nothing was pushed yet. Its lake has all events that were pushed before.
 */
export async function listSource(sourceFiles: SourceFiles, source: ListedSource): Promise<readonly SourceFile[]> {
  if (source.stream !== undefined) {
    const lake = await sourceFiles.list(source.path);
    const { history } = source.stream;
    const before = history === null ? [] : await listSource(sourceFiles, history.source);
    return [...lake, ...before.map((file) => ({ ...file, isOfHistory: true as const }))];
  }
  const files = await sourceFiles.list(source.path);
  if (files.length > 0) return files;
  throw new PlumbError('SOURCE_MISMATCH', `source ${source.name}: ${await sourceFiles.explainEmpty(source.path)}`, {
    details: { source: source.name },
  });
}
