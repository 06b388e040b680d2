// Erasures of the project that a project file names.
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { Eraser, Erasures } from '../erasure/erasure.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { openEngine } from './engine.ts';
import { openLeases } from './leases.ts';
import { openSourceFiles } from './source-files.ts';
import { type Opening, openObjectStore } from './stores.ts';
import { openVersions } from './versions.ts';

/** The records, for who plans: what is read with them leaves erased rows out. */
export async function openErasureRecords(config: Config, stack: AsyncDisposableStack, options: Opening) {
  const { ErasureRecords } = await import('../erasure/erasure-records.ts');
  return new ErasureRecords(stack.use(await openObjectStore(config, options)));
}

export async function openEraser(
  config: Config,
  online: OnlineStore,
  options: Opening & Pick<OpenOptions, 'signal'>,
  stack: AsyncDisposableStack,
): Promise<Erasures & Eraser> {
  const [{ createErasures }, { createEraser }] = await Promise.all([
    import('../erasure/erasures.ts'),
    import('../erasure/eraser.ts'),
  ]);
  const versions = await openVersions(config, stack, options);
  const store = stack.use(await openObjectStore(config, options));
  const catalog = () => versions.current();
  const version = (number: number) => versions.version(number);
  const eraser = createEraser({
    ...{ store, online, catalog, version },
    leases: await openLeases(config, stack, options),
    engine: await openEngine(config),
    sourceFiles: await openSourceFiles(config, stack, options),
    signal: options.signal,
    graceMicros: config.retention.graceMicros,
  });
  return { ...createErasures({ store, catalog, version }), ...eraser };
}
