// The lake of a project's streams, for whoever reads in batch and for who applies events.
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Lake } from '../ingest/lake/lake.ts';
import { engineLimits } from './engine.ts';
import { lazyEventLog } from './event-log.ts';
import { type Opening, openObjectStore } from './stores.ts';
import { openVersions } from './versions.ts';

/** What writing one part may take. */
const WRITER_BYTES = 1024 * 1024 * 1024;

export async function openLake(config: Config, stack: AsyncDisposableStack, options: Opening) {
  const [{ Lake }, { duckdbLakeWriter }] = await Promise.all([
    import('../ingest/lake/lake.ts'),
    import('../offline/duckdb/duckdb-lake-writer.ts'),
  ]);
  const store = stack.use(await openObjectStore(config, options));
  const versions = await openVersions(config, stack, options);
  const opening = lazyEventLog(config, stack);
  // Not made by a reader: a machine that only trains has none.
  const log = async () => (config.log.kind === 'embedded' && !existsSync(config.log.path) ? null : await opening());
  const lake: Lake = new Lake({
    ...{ store, log },
    catalog: () => versions.current(),
    writer: duckdbLakeWriter({ ...engineLimits(config), memoryBytes: WRITER_BYTES, threads: 1 }),
  });
  return { lake, store, log };
}
