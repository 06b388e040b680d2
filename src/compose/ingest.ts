// What puts events of files into the log of a project, and tells what became of events.
import type { Ingest } from '../cli/app.ts';
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import { engineLimits } from './engine.ts';
import { openErasureRecords } from './erasures.ts';
import { lazyEventLog } from './event-log.ts';
import { openLake } from './lake.ts';
import { openOnlineStore } from './stores.ts';
import { openVersions } from './versions.ts';

export async function openIngest(config: Config, stack: AsyncDisposableStack, options: OpenOptions): Promise<Ingest> {
  const [{ createPush }, { duckdbEventRows }] = await Promise.all([
    import('../ingest/push/push.ts'),
    import('../offline/duckdb/duckdb-event-rows.ts'),
  ]);
  const versions = await openVersions(config, stack, options);
  const catalog = () => versions.current();
  const log = lazyEventLog(config, stack);
  return {
    ...{ catalog, push: createPush({ catalog, log }), rows: duckdbEventRows(engineLimits(config)) },
    rejected: async (source, sinceMicros, limit) => (await log()).deadLetters(source, sinceMicros, limit),
    trace: async (source, id) => {
      const [{ traceEvent }, { DuckdbEventEngine }] = await Promise.all([
        import('../materialize/streams/trace-event.ts'),
        import('../offline/duckdb/duckdb-event-engine.ts'),
      ]);
      const records = await openErasureRecords(config, stack, options);
      const ports = {
        ...{ log: await log(), lake: (await openLake(config, stack, options)).lake },
        online: stack.use(await openOnlineStore(config, { ...options, makes: 'nothing' })),
        catalog: async () => ({ ...(await catalog()), erasures: await records.all() }),
        openEngine: () => DuckdbEventEngine.open(engineLimits(config)),
      };
      return await traceEvent(ports, source, id);
    },
  };
}
