// The files of sources, in folders and in S3, for src/main.ts.
import type { Config } from '../config/config.ts';
import type { SourceFiles } from '../storage/source-files.ts';
import { openLake } from './lake.ts';
import type { Opening } from './stores.ts';

/** `stack` closes what is opened. */
export async function openSourceFiles(
  config: Config,
  stack: AsyncDisposableStack,
  { signal, logger }: Opening,
): Promise<SourceFiles> {
  const [{ filesByPlace }, { FileSourceFiles }] = await Promise.all([
    import('../storage/source-files.ts'),
    import('../storage/file/file-source-files.ts'),
  ]);
  return filesByPlace({
    files: new FileSourceFiles(config.folder),
    openS3: async () => {
      const [{ S3SourceFiles }, { S3Connection }] = await Promise.all([
        import('../storage/s3/s3-source-files.ts'),
        import('../storage/s3/s3-connection.ts'),
      ]);
      return stack.use(new S3SourceFiles({ connection: S3Connection.open(config.s3, logger), signal }));
    },
    openLake: async () => {
      const { LakeSourceFiles } = await import('../ingest/lake/lake-source-files.ts');
      const { lake, store } = await openLake(config, stack, { signal, logger });
      return new LakeSourceFiles(lake, store);
    },
  });
}
