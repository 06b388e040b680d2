// What removes what nobody needs any more, for src/main.ts.

import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { OpenOptions } from '../config/open-options.ts';
import type { TrimPorts } from '../ingest/retention/trim-log.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Collector } from '../retention/collector.ts';
import { logRetention } from './event-log.ts';
import { openLake } from './lake.ts';
import { openLeases } from './leases.ts';
import { openObjectStore, openOnlineStore } from './stores.ts';
import { openVersions } from './versions.ts';

export async function openCollector(
  config: Config,
  stack: AsyncDisposableStack,
  options: OpenOptions,
): Promise<Collector> {
  const { createCollector } = await import('../retention/gc.ts');
  const online = stack.use(await openOnlineStore(config, options));
  return createCollector({
    online,
    logs: () => openLogs(config, stack, { ...options, online }),
    store: stack.use(await openObjectStore(config, { logger: options.logger })),
    leases: await openLeases(config, stack, options),
    policy: config.retention,
    signal: options.signal,
  });
}

/**
 * The engine, which writes what the lake lacks, is loaded only where there is a log. What a memory store has applied, only the
 * server that has it knows.
 */
async function openLogs(
  config: Config,
  stack: AsyncDisposableStack,
  { online, ...options }: OpenOptions & { readonly online: OnlineStore },
): Promise<TrimPorts | null> {
  const isKnown = config.online.kind !== 'memory';
  if (!isKnown || config.log.kind !== 'embedded' || !existsSync(config.log.path)) return null;
  const { lake, log } = await openLake(config, stack, options);
  const opened = await log();
  if (opened === null) return null;
  const versions = await openVersions(config, stack, options);
  return { lake, log: opened, online, catalog: () => versions.current(), retention: logRetention(config) };
}
