// Applies the events of one source to generations as they come, until something is to be looked at anew. Generations that
// lookups read go first; one that is being filled follows by itself, and takes its place once it has all that the other one has.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog, LoggedEvent, PartitionState } from '../../ingest/event-log.ts';
import { type EventCompute, PartitionProcessor } from '../../ingest/processor/partition-processor.ts';
import type { FieldName } from '../../online/row-selection.ts';
import type { StreamStore } from '../../online/stream-store.ts';
import { Pace } from './pace.ts';
import type { ViewStream } from './view-streams.ts';

export interface TailedGeneration {
  readonly view: string;
  readonly stream: ViewStream;
  /** Whether it is beside the live one and takes its place. */
  readonly isFilling: boolean;
}

export interface TailPorts {
  readonly log: EventLog;
  readonly store: StreamStore;
  compute(streams: readonly ViewStream[], partition: number): EventCompute;
  /** Called with events that lookups see from now on. */
  applied(source: string, events: readonly LoggedEvent[]): void;
  /** The field has all events that the live generation of the view has. */
  switchTo(view: string, field: FieldName): Promise<void>;
}

export interface TailedSource {
  readonly source: string;
  /** As they were when the generations were looked at. */
  readonly partitions: readonly PartitionState[];
  readonly generations: readonly TailedGeneration[];
}

interface Tail {
  readonly generations: readonly TailedGeneration[];
  /** One for each partition. */
  readonly processors: readonly PartitionProcessor[];
  readonly pace: Pace;
}

/** Of one that is filled, before others have their turn. */
const STEPS_IN_A_ROW = 8;
/** Where nobody waits for events: a change of definitions is seen this late. */
const LONGEST_WAIT_MILLIS = 1000;

/** Resolves where a generation took the place of another one, or `signal` aborts; rejects with CONFLICT where another processor took over. */
export async function tailSource(ports: TailPorts, tailed: TailedSource, signal: AbortSignal): Promise<void> {
  const { generations } = tailed;
  const served = generations.filter(({ isFilling }) => !isFilling);
  const live = await openTail(ports, tailed, served);
  const fillings = await Promise.all(
    generations.filter(({ isFilling }) => isFilling).map((one) => openTail(ports, tailed, [one])),
  );
  while (!signal.aborted) {
    let applied = await step(live, (events) => ports.applied(tailed.source, events));
    for (const filling of fillings) {
      for (let steps = 0; steps < STEPS_IN_A_ROW && !signal.aborted; steps += 1) {
        if (hasCaughtUp(tailed, filling, live)) {
          const [{ view, stream }] = filling.generations as [TailedGeneration];
          await ports.switchTo(view, stream.target.field);
          return;
        }
        applied += await step(filling, () => {});
      }
    }
    if (applied > 0) continue;
    for (const { processors } of [live, ...fillings])
      for (const processor of processors) await processor.requireOwned();
    await waitForMore(ports, tailed, [live, ...fillings], signal);
  }
}

async function openTail(
  ports: TailPorts,
  { source, partitions }: TailedSource,
  generations: readonly TailedGeneration[],
): Promise<Tail> {
  const streams = generations.map(({ stream }) => stream);
  const targets = streams.map(({ target }) => target);
  const processors = await Promise.all(
    partitions.map(({ partition }) =>
      PartitionProcessor.takeOver(
        { log: ports.log, store: ports.store, compute: ports.compute(streams, partition) },
        { source, partition },
        targets,
      ),
    ),
  );
  return { generations, processors, pace: new Pace() };
}

async function step({ processors, pace }: Tail, onApplied: (events: readonly LoggedEvent[]) => void): Promise<number> {
  let count = 0;
  for (const processor of processors) {
    const startedMillis = performance.now();
    const events = await processor.step(pace.limits);
    if (events.length === 0) continue;
    pace.took(events.length, performance.now() - startedMillis);
    onApplied(events);
    count += events.length;
  }
  return count;
}

/** Not behind the live one of its view, nor behind the log as it was when all was looked at. */
function hasCaughtUp({ partitions }: TailedSource, filling: Tail, live: Tail): boolean {
  const [{ view } = { view: '' }] = filling.generations;
  const former = live.generations.findIndex((one) => one.view === view);
  return partitions.every(({ next }, i) => {
    const reached = filling.processors[i]?.sentinels[0]?.next ?? 0n;
    const ofFormer = former < 0 ? 0n : (live.processors[i]?.sentinels[former]?.next ?? 0n);
    return reached >= next && reached >= ofFormer;
  });
}

async function waitForMore(
  { log }: TailPorts,
  { source, partitions }: TailedSource,
  tails: readonly Tail[],
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const ended = AbortSignal.any([signal, enough.signal]);
  const waits = partitions.map(({ partition, epoch }, i) => {
    const sentinels = tails.flatMap(({ processors }) => processors[i]?.sentinels ?? []);
    const offset = sentinels.reduce<bigint | null>(
      (least, { next }) => (least === null || next < least ? next : least),
      null,
    );
    return offset === null
      ? sleep(LONGEST_WAIT_MILLIS, undefined, { signal: ended })
      : log.waitForMore({ source, partition, epoch, offset }, ended);
  });
  const longest = sleep(LONGEST_WAIT_MILLIS, undefined, { signal: ended });
  const all = [...waits, longest].map((wait) => wait.catch(() => {}));
  await Promise.race(all);
  enough.abort();
  await Promise.all(all);
}
