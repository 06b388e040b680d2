// What puts events of files into the log of a project.
import type { Ingest } from '../cli/app.ts';
import type { Config } from '../config/config.ts';
import { engineLimits } from './engine.ts';
import { lazyEventLog } from './event-log.ts';
import type { Opening } from './stores.ts';
import { openVersions } from './versions.ts';

export async function openIngest(config: Config, stack: AsyncDisposableStack, options: Opening): Promise<Ingest> {
  const [{ createPush }, { duckdbEventRows }] = await Promise.all([
    import('../ingest/push/push.ts'),
    import('../offline/duckdb/duckdb-event-rows.ts'),
  ]);
  const versions = await openVersions(config, stack, options);
  const catalog = () => versions.current();
  return {
    catalog,
    push: createPush({ catalog, log: lazyEventLog(config, stack) }),
    rows: duckdbEventRows(engineLimits(config)),
  };
}
