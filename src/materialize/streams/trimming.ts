// Lets events leave the log beside the work on streams. A failure is told and stops nothing: the next round tries again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trimmed } from '../../ingest/retention/trim-log.ts';

export interface TrimmingPorts {
  /** Source by source, until `signal` aborts. */
  trimLogs(signal: AbortSignal): AsyncIterable<Trimmed>;
  readonly logger: { warn(context: object, message: string): void };
}

export const TRIM_EVERY_MILLIS = 60_000;

/** Until it is disposed of. */
export function startTrimming(ports: TrimmingPorts, everyMillis = TRIM_EVERY_MILLIS): AsyncDisposable {
  const stop = new AbortController();
  const done = trim(ports, everyMillis, stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await done;
    },
  };
}

async function trim({ trimLogs, logger }: TrimmingPorts, everyMillis: number, signal: AbortSignal): Promise<void> {
  /** By source; the reasons that were told last. */
  const told = new Map<string, string | null>();
  /** Each reason once, until there is another. */
  const tell = (source: string, reason: string | null, message: string): void => {
    if (reason !== null && told.get(source) !== reason) logger.warn({ source }, message);
    told.set(source, reason);
  };
  for (;;) {
    await sleep(everyMillis, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      for await (const { source, heldBy } of trimLogs(signal))
        tell(source, heldBy, `events of ${source} stay in the log longer than log.retention says: ${heldBy}`);
      tell('', null, '');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      tell('', reason, `events could not leave the log: ${reason}`);
    }
  }
}
