// The entries of a view as a processor makes them, in a store that nobody else sees: history and lake are filled in as far as the
// log does not reach any more, then the events of the log follow in the order in which they came.
//
//   history, parts before the log ─ fill ─▶ entries ◀─ micro-batches ─ events of the log, up to the end of a part of the lake
//
// A stage ends where a part of the lake does, so that its files hold exactly the events that are applied.
import type { Catalog, ServableView } from '../../catalog/catalog.ts';
import { sourceOf } from '../../catalog/look-up.ts';
import type { EventLog, PartitionState } from '../../ingest/event-log.ts';
import type { Lake, LakePartition } from '../../ingest/lake/lake.ts';
import { PartitionProcessor } from '../../ingest/processor/partition-processor.ts';
import type { EventEngine } from '../../offline/event-engine.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { fieldName, type LiveGeneration } from '../../online/serving-state.ts';
import { encodeServingState } from '../../online/serving-state-codec.ts';
import type { SourceFile } from '../../storage/source-files.ts';
import { readState } from '../publish.ts';
import { type FillPorts, filesOf, fillFrom } from './fill.ts';
import type { ToFill } from './look.ts';
import { switched, withFilling } from './stream-generation.ts';
import { streamCompute, viewStream } from './view-streams.ts';

export interface ReplayPorts extends Omit<FillPorts, 'online' | 'lake'> {
  /** null: there is none on this machine; then all is filled from history and lake. */
  log(): Promise<EventLog | null>;
  readonly lake: Pick<Lake, 'catchUp'>;
  openEngine(): Promise<EventEngine>;
  /** Of an entry. */
  readonly mostEntryBytes: number;
}

export interface Replaying {
  readonly catalog: Catalog;
  readonly view: ServableView;
  /** Has no state of the view. */
  readonly online: OnlineStore;
  readonly signal: AbortSignal;
}

export interface ReplayStage {
  /** With all events that are applied at its end, and no others. */
  readonly files: readonly SourceFile[];
  /** Append time of the last of them; null: there is none. */
  readonly appliedMicros: bigint | null;
}

export interface Replay {
  /** One at least. */
  readonly stages: readonly ReplayStage[];
  /** Applies what the next stage has; lookups see it then. */
  next(): Promise<void>;
}

/** Each is a training set to whoever compares. */
const MOST_STAGES = 5;
const STEP = { events: 5000, bytes: 8 * 1024 * 1024 } as const;

/** LOG_GAP where events leave the log meanwhile. */
export async function withReplay<T>(
  ports: ReplayPorts,
  replaying: Replaying,
  use: (replay: Replay) => Promise<T>,
): Promise<T> {
  const { catalog, view, online, signal } = replaying;
  const source = sourceOf(catalog, view).name;
  const stored = await ports.lake.catchUp(source);
  const log = await ports.log();
  const partitions = log === null ? stored.map(asPartition) : await log.partitions(source);
  const cuts = cutsOf(partitions, stored);
  const filling = await begun(replaying);
  const stream = viewStream(catalog, view, fieldName(view.name, filling.id), ports.mostEntryBytes);
  const toFill: ToFill = {
    ...{ view: view.name, source, stream, isFilling: true },
    ...{ generation: filling, catalog, definition: view, partitions },
  };
  const [beginning, ...ends] = cuts as [readonly LakePartition[], ...(readonly LakePartition[])[]];
  await fill(ports, replaying, { toFill, stored: beginning });
  await using engine = await ports.openEngine();
  let stage = 0;
  return await use({
    stages: await Promise.all(
      ends.map(async (end) => ({ files: await filesOf(ports, toFill, end), appliedMicros: lastAppend(end) })),
    ),
    next: async () => {
      const end = ends[stage] ?? [];
      stage += 1;
      if (log === null) return;
      for (const { partition } of partitions) {
        const goal = end.find((one) => one.partition === partition)?.end?.next ?? 0n;
        const compute = streamCompute(engine, [stream], partition);
        const processing = { log, store: online.streams(), compute };
        const processor = await PartitionProcessor.takeOver(processing, { source, partition }, [stream.target]);
        for (let next = nextOf(processor); next < goal; next = nextOf(processor)) {
          signal.throwIfAborted();
          await processor.step({ ...STEP, events: Math.min(STEP.events, Number(goal - next)) });
        }
      }
    },
  });
}

const nextOf = ({ sentinels: [only] }: PartitionProcessor): bigint => only?.next ?? 0n;

const asPartition = ({ source, partition, end }: LakePartition): PartitionState => ({
  ...{ source, partition, epoch: end?.epoch ?? '', first: end?.next ?? 0n, next: end?.next ?? 0n },
  ...{ lastAppendMicros: null, sizeBytes: 0 },
});

/** What the lake has before the log, and then at the end of each stage. */
export function cutsOf(
  partitions: readonly PartitionState[],
  stored: readonly LakePartition[],
): readonly (readonly LakePartition[])[] {
  const found = stored.map((one) => {
    const state = partitions.find(({ partition }) => partition === one.partition);
    const before = one.parts.findLastIndex(
      ({ epoch, from }) => state === undefined || epoch !== state.epoch || from < state.first,
    );
    return { one, before: before + 1, inLog: one.parts.length - before - 1 };
  });
  const stages = Math.min(MOST_STAGES, Math.max(1, ...found.map(({ inLog }) => inLog)));
  return Array.from({ length: stages + 1 }, (_, stage) =>
    found.map(({ one, before, inLog }) => cut(one, before + Math.floor((inLog * stage) / stages))),
  );
}

function cut(partition: LakePartition, count: number): LakePartition {
  const parts = partition.parts.slice(0, count);
  const last = parts.at(-1);
  return { ...partition, parts, end: last === undefined ? null : { epoch: last.epoch, next: last.next } };
}

const lastAppend = (partitions: readonly LakePartition[]): bigint | null =>
  partitions.reduce<bigint | null>((last, { parts }) => {
    const own = parts.at(-1)?.lastAppendMicros ?? null;
    return own !== null && (last === null || own > last) ? own : last;
  }, null);

/** A generation of its own. */
async function begun({ catalog, view, online }: Replaying): Promise<LiveGeneration> {
  const { bytes, state } = await readState(online, view.name);
  const next = withFilling({ view, version: catalog.version }, state, true);
  await online.writeState(view.name, bytes, encodeServingState(next));
  return next.filling as LiveGeneration;
}

interface Beginning {
  readonly toFill: ToFill;
  readonly stored: readonly LakePartition[];
}

/** What the log has not any more; lookups read the entries from then on. */
async function fill(
  ports: ReplayPorts,
  { view, online, signal }: Replaying,
  { toFill, stored }: Beginning,
): Promise<void> {
  const begins = await fillFrom({ ...ports, online, lake: { catchUp: async () => stored } })(toFill, signal);
  for (const { partition, ...at } of begins)
    await PartitionProcessor.begin(
      { store: online.streams() },
      { source: toFill.source, partition },
      [toFill.stream.target],
      at,
    );
  const { bytes, state } = await readState(online, view.name);
  await online.writeState(view.name, bytes, encodeServingState(switched(state, toFill.generation)));
}
