// The storage and the online store that a project file names, for src/main.ts and src/in-process/.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { storageAbsent } from '../storage/storage-absent.ts';

export type Opening = { readonly [name in keyof OpenOptions]?: OpenOptions[name] | undefined };

/** What `open` uses is closed with what it returns, or at once where it fails. */
export async function opened<T extends object>(
  open: (stack: AsyncDisposableStack) => Promise<T>,
): Promise<T & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    return { ...(await open(stack)), [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

export async function openObjectStore(config: Config, { signal, logger, makes }: Opening): Promise<ObjectStore> {
  if (isS3(config.storage)) {
    const [{ S3ObjectStore }, { S3Connection }] = await Promise.all([
      import('../storage/s3/s3-object-store.ts'),
      import('../storage/s3/s3-connection.ts'),
    ]);
    return new S3ObjectStore({ address: config.storage, connection: S3Connection.open(config.s3, logger), signal });
  }
  const { FileObjectStore } = await import('../storage/file/file-object-store.ts');
  if ((await stat(config.storage).catch(() => null))?.isDirectory() === false) {
    const message = `storage: found a file at ${config.storage}, expected a folder`;
    throw new PlumbError('INVALID_CONFIG', message, { publicMessage: 'the storage is a file, expected a folder' });
  }
  return new FileObjectStore({ root: config.storage, mayCreate: makes === 'storage' });
}

/** Opened or connected to by the first call, so that a server starts, and says 503, while a store is away or not mounted yet. */
export async function openOnlineStore(config: Config, { logger, makes }: OpenOptions): Promise<OnlineStore> {
  const { online, project } = config;
  if (online.kind === 'redis') {
    const { RedisOnlineStore } = await import('../online/redis/redis-online-store.ts');
    return new RedisOnlineStore({ ...online, project, logger });
  }
  if (online.kind === 'memory')
    return new (await import('../online/memory/memory-online-store.ts')).MemoryOnlineStore();
  if (makes === 'nothing' && !existsSync(online.path)) return await emptyStore(online.path);
  const { DeferredOnlineStore } = await import('../online/deferred-online-store.ts');
  return new DeferredOnlineStore(async (opening) => {
    // It lies in the storage unless it is told otherwise, and would bring back a folder that was moved away.
    if (!isS3(config.storage) && !existsSync(config.storage)) throw storageAbsent(config.storage);
    const { LmdbOnlineStore } = await import('../online/lmdb/lmdb-online-store.ts');
    return await LmdbOnlineStore.open(online.path, project, opening);
  });
}

/** In the place of a folder that is not there and may not be made. */
async function emptyStore(path: string): Promise<OnlineStore> {
  const { MemoryOnlineStore } = await import('../online/memory/memory-online-store.ts');
  const danger = { found: 'it does not exist yet', advice: 'run `plumb materialize`' };
  return Object.assign(new MemoryOnlineStore(), { examine: async () => ({ found: path, dangers: [danger] }) });
}

const isS3 = (storage: string): boolean => storage.startsWith('s3://');
