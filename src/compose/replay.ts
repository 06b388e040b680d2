// What replays the log of a view, for a verification. Opened with the first view that a stream feeds.
import type { ReplayView } from '../audit/streamed-path.ts';
import type { Config } from '../config/config.ts';
import { engineLimits } from './engine.ts';
import { openLake } from './lake.ts';
import { openSourceFiles } from './source-files.ts';
import type { Opening } from './stores.ts';
import { EVENT_ENGINE_BYTES, FILL_BYTES } from './streams.ts';

export const replayOf =
  (config: Config, stack: AsyncDisposableStack, options: Opening): ReplayView =>
  async (replaying, use) => {
    const [{ withReplay }, { duckdbStoredEvents }, { DuckdbEventEngine }, { LakeSourceFiles }] = await Promise.all([
      import('../materialize/streams/replay.ts'),
      import('../offline/duckdb/duckdb-stored-events.ts'),
      import('../offline/duckdb/duckdb-event-engine.ts'),
      import('../ingest/lake/lake-source-files.ts'),
    ]);
    const { lake, store, log } = await openLake(config, stack, options);
    const ports = {
      ...{ log, lake, store, lakeFiles: new LakeSourceFiles(lake, store) },
      sourceFiles: await openSourceFiles(config, stack, options),
      engine: duckdbStoredEvents({ ...engineLimits(config), memoryBytes: FILL_BYTES }),
      openEngine: () =>
        DuckdbEventEngine.open({ ...engineLimits(config), memoryBytes: EVENT_ENGINE_BYTES, threads: 1 }),
      mostEntryBytes: config.online.maxEntryBytes,
    };
    return await withReplay(ports, replaying, use);
  };
