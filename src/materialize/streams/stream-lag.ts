// How far a view is behind the events of its stream.
import type { EventLog } from '../../ingest/event-log.ts';
import { nowMicros } from '../../instant.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { fieldName, type LiveGeneration } from '../../online/serving-state.ts';
import { appliedMicros, appliedPartitions } from '../../online/stream-reach.ts';

export interface StreamLag {
  readonly source: string;
  /** Append time up to which events are applied; null: none is. */
  readonly appliedMicros: bigint | null;
  /** Events that are not applied; null where the log is out of reach. */
  readonly events: number | null;
  /** Since the first of them was received; 0 where there is none. */
  readonly seconds: number | null;
}

export interface LagPorts {
  readonly online: OnlineStore;
  readonly log: () => Promise<EventLog>;
}

/** null of a generation that runs fill. */
export async function streamLag(
  { online, log }: LagPorts,
  view: string,
  live: LiveGeneration,
): Promise<StreamLag | null> {
  if (live.stream === undefined) return null;
  const { source } = live.stream;
  const applied = await appliedPartitions(online.streams(), fieldName(view, live.id));
  const about = { source, appliedMicros: appliedMicros(applied) };
  const opened = await log().catch(() => null);
  if (opened === null) return { ...about, events: null, seconds: null };
  let events = 0n;
  let oldest: bigint | null = null;
  for (const { partition, epoch, first, next } of await opened.partitions(source)) {
    const reached = applied.find((one) => one.partition === partition && one.epoch === epoch)?.next ?? first;
    if (reached >= next) continue;
    // What went from the log meanwhile is applied from the lake.
    const isKept = reached >= first;
    const from = isKept ? reached : first;
    events += next - reached;
    const [event] = await opened.read({ source, partition, epoch, offset: from }, { events: 1, bytes: 1 });
    if (event !== undefined && (oldest === null || event.appendMicros < oldest)) oldest = event.appendMicros;
  }
  const now = nowMicros();
  return {
    ...about,
    events: Number(events),
    seconds: oldest === null || now < oldest ? 0 : Number(now - oldest) / 1e6,
  };
}
