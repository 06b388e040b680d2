// Takes events to the lake as time goes on, so that the log may let them go, whether or not anybody reads in batch.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../../catalog/catalog.ts';
import type { EventLog } from '../../ingest/event-log.ts';
import type { Lake } from '../../ingest/lake/lake.ts';

export interface KeepLakePorts {
  catalog(): Promise<Catalog>;
  readonly log: EventLog;
  readonly lake: Pick<Lake, 'catchUp' | 'read'>;
  readonly logger: { warn(context: object, message: string): void };
  /** How old an event outside of the lake may become, and how many bytes of text there may be, until a part is cut. */
  readonly partMillis?: number;
  readonly partBytes?: number;
}

const PART_MILLIS = 60_000;
const PART_BYTES = 64 * 1024 * 1024;
const LOOK_EVERY_MILLIS = 5000;

/** Until `signal` aborts. */
export async function keepLake(ports: KeepLakePorts, signal: AbortSignal): Promise<void> {
  const { logger, partMillis = PART_MILLIS } = ports;
  const caughtUpAtMillis = new Map<string, number>();
  while (!signal.aborted) {
    for (const name of await streamNames(ports)) {
      const before = caughtUpAtMillis.get(name) ?? performance.now() - partMillis;
      try {
        if (performance.now() - before < partMillis && !(await hasGrown(ports, name))) continue;
        await ports.lake.catchUp(name);
        caughtUpAtMillis.set(name, performance.now());
      } catch (error) {
        logger.warn(
          { source: name, err: error },
          `events of ${name} could not be taken to the lake; it is tried again`,
        );
      }
    }
    await sleep(LOOK_EVERY_MILLIS, undefined, { signal }).catch(() => {});
  }
}

/** None while definitions cannot be read. */
async function streamNames({ catalog }: KeepLakePorts): Promise<readonly string[]> {
  const current = await catalog().catch(() => null);
  return [...(current?.sources.values() ?? [])].filter(({ kind }) => kind === 'stream').map(({ name }) => name);
}

/** About: by the mean size of what the log has. */
async function hasGrown({ log, lake, partBytes = PART_BYTES }: KeepLakePorts, source: string): Promise<boolean> {
  const stored = await lake.read(source);
  return (await log.partitions(source)).some(({ partition, epoch, first, next, sizeBytes }) => {
    const end = stored.find((one) => one.partition === partition)?.end;
    const from = end?.epoch === epoch && end.next > first ? end.next : first;
    return next > first && (Number(next - from) / Number(next - first)) * sizeBytes > partBytes;
  });
}
