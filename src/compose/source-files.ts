// The files of sources, in folders and in S3, for src/main.ts.
import type { Config } from '../config/config.ts';
import type { SourceFiles } from '../storage/source-files.ts';
import type { Opening } from './stores.ts';

/** `stack` closes what is opened. */
export async function openSourceFiles(
  config: Config,
  stack: AsyncDisposableStack,
  { signal, logger }: Opening,
): Promise<SourceFiles> {
  const [{ filesOrS3 }, { FileSourceFiles }] = await Promise.all([
    import('../storage/source-files.ts'),
    import('../storage/file/file-source-files.ts'),
  ]);
  return filesOrS3(new FileSourceFiles(config.folder), async () => {
    const [{ S3SourceFiles }, { S3Connection }] = await Promise.all([
      import('../storage/s3/s3-source-files.ts'),
      import('../storage/s3/s3-connection.ts'),
    ]);
    return stack.use(new S3SourceFiles({ connection: S3Connection.open(config.s3, logger), signal }));
  });
}
