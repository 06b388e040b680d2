// Waits until lookups see events that were pushed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../../catalog/catalog.ts';
import type { PushedTo } from '../../ingest/push/push.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { fieldName } from '../../online/serving-state.ts';
import { decodeServingState } from '../../online/serving-state-codec.ts';
import { appliedPartitions } from '../../online/stream-reach.ts';
import { streamedViews } from './streamed-views.ts';

export interface WaitPorts {
  catalog(): Promise<Catalog>;
  readonly online: OnlineStore;
}

export interface Awaited {
  readonly source: string;
  readonly pushed: readonly PushedTo[];
  readonly timeoutMillis: number;
}

const FIRST_PAUSE_MILLIS = 2;
const LONGEST_PAUSE_MILLIS = 50;

/** Whether all views over the source that a stream feeds are live and have the events; false where the time is over before. */
export async function waitApplied(ports: WaitPorts, { source, pushed, timeoutMillis }: Awaited): Promise<boolean> {
  const endMillis = performance.now() + timeoutMillis;
  for (let pauseMillis = FIRST_PAUSE_MILLIS; ; pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 1.5)) {
    if (await isApplied(ports, source, pushed)) return true;
    if (performance.now() + pauseMillis > endMillis) return false;
    await sleep(pauseMillis);
  }
}

async function isApplied(
  { catalog, online }: WaitPorts,
  source: string,
  pushed: readonly PushedTo[],
): Promise<boolean> {
  const views = streamedViews(await catalog()).filter((view) => view.source === source);
  const { states } = await online.read(
    [],
    views.map(({ name }) => name),
  );
  for (const [i, { name, fingerprint }] of views.entries()) {
    const bytes = states[i] ?? null;
    const live = bytes === null ? null : decodeServingState(bytes).live;
    if (live?.stream === undefined || live.fingerprint !== fingerprint) return false;
    const applied = await appliedPartitions(online.streams(), fieldName(name, live.id));
    const has = ({ partition, epoch, next }: PushedTo): boolean =>
      applied.some((one) => one.partition === partition && one.epoch === epoch && one.next >= next);
    if (!pushed.every(has)) return false;
  }
  return true;
}
