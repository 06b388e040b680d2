// Backups of the storage and the online store that a project file names, in a place that a command names.
import { stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { PlumbError } from '../../schemas/errors.ts';
import type { Backups } from '../backup/backup.ts';
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import { openEngine } from './engine.ts';
import { openEraser } from './erasures.ts';
import { openLeases } from './leases.ts';
import { openObjectStore, openOnlineStore } from './stores.ts';
import { openVersions } from './versions.ts';

export interface BackupOptions extends OpenOptions {
  readonly place: string;
}

/** Opened when it is known what is asked: a restore makes the storage, and needs a place that is there. */
export async function openBackups(
  config: Config,
  stack: AsyncDisposableStack,
  options: BackupOptions,
): Promise<Backups> {
  const { place, signal } = options;
  requireApart(place, config.storage);
  const [{ createBackup }, { restoreBackup }, { ErasureRecords }] = await Promise.all([
    import('../backup/create-backup.ts'),
    import('../backup/restore-backup.ts'),
    import('../erasure/erasure-records.ts'),
  ]);
  const there: Config = { ...config, storage: place };
  const shared = { project: config.project, signal, graceMicros: config.retention.graceMicros };
  const open = async (makes: NonNullable<OpenOptions['makes']>) => {
    const opening = { ...options, makes };
    const store = stack.use(await openObjectStore(config, opening));
    return {
      store,
      online: stack.use(await openOnlineStore(config, opening)),
      leases: await openLeases(config, stack, opening),
      place: stack.use(await openObjectStore(there, { ...options, makes: 'storage' })),
      ...shared,
    };
  };
  return {
    create: async (request, onProgress) => {
      await requireFolder(place, { mayLack: true });
      const placeLeases = await openLeases(there, stack, { ...options, makes: 'storage' });
      return await createBackup({ ...(await open('online')), placeLeases }, request, onProgress);
    },
    restore: async (request, onProgress) => {
      await requireFolder(place, { mayLack: false });
      const ports = await open(request.dryRun ? 'nothing' : 'storage');
      const versions = await openVersions(config, stack, options);
      const records = new ErasureRecords(ports.store);
      // As they are when a view is filled: those that the backup brought are among them.
      const version = async (number: number) => records.attached(await versions.version(number));
      const catalog = async () => records.attached(await versions.current());
      const restoring = { ...ports, catalog, version, engine: await openEngine(config) };
      const report = await restoreBackup(restoring, request, onProgress);
      if (request.dryRun || report.erasures.length === 0) return report;
      const eraser = await openEraser(config, ports.online, options, stack);
      for (const [done, id] of report.erasures.entries()) {
        onProgress({ doing: 'erasing', done, total: report.erasures.length, unit: 'objects' });
        await eraser.finish(id);
      }
      return report;
    },
  };
}

/** What is lost with the storage is no backup of it. */
function requireApart(place: string, storage: string): void {
  const [separator, root] = [place.startsWith('s3://') ? '/' : sep, storage.replace(/\/+$/, '')];
  if (place !== root && !place.startsWith(`${root}${separator}`)) return;
  throw new PlumbError('INVALID_REQUEST', `found the place ${place}, expected one outside of the storage ${storage}`);
}

async function requireFolder(place: string, { mayLack }: { readonly mayLack: boolean }): Promise<void> {
  if (place.startsWith('s3://')) return;
  const found = await stat(place).catch(() => null);
  if (found?.isDirectory() === true || (found === null && mayLack)) return;
  const what = found === null ? 'nothing' : 'a file';
  throw new PlumbError('INVALID_REQUEST', `found ${what} at ${place}, expected a folder with backups`);
}
