// What the online store says of a view that a stream feeds, and the steps from there: each by compare-and-set, again where a
// training set was bound meanwhile.
import type { EventLog, PartitionState } from '../../ingest/event-log.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import type { FieldName } from '../../online/row-selection.ts';
import { decodeSentinel, type Sentinel } from '../../online/sentinel.ts';
import { fieldName, type LiveGeneration, type ServingState } from '../../online/serving-state.ts';
import { encodeServingState } from '../../online/serving-state-codec.ts';
import { readState } from '../publish.ts';
import type { Settle } from '../run-ports.ts';
import { fillingOf, isServed, type StreamedView, switched, withFilling, withoutLive } from './stream-generation.ts';

export interface StatePorts {
  readonly online: OnlineStore;
  readonly log: EventLog;
  readonly settle: Settle;
}

/** How far a generation is in a partition of its source; null: it is not known, so its entries are worth nothing. */
export interface Progress {
  readonly partition: PartitionState;
  readonly sentinel: Sentinel | null;
}

export interface Standing {
  readonly state: ServingState;
  /** Of the live generation, where a stream feeds it; empty: none does. */
  readonly live: readonly Progress[];
  /** What is to be filled before it can be tailed; null: nothing is. */
  readonly filling: { readonly generation: LiveGeneration; readonly progress: readonly Progress[] } | null;
}

export const isBegun = (progress: readonly Progress[]): boolean => progress.every(({ sentinel }) => sentinel !== null);

/** Whether the log has the next event of each partition: offsets of another epoch are those of other events. */
export const isReachable = (progress: readonly Progress[]): boolean =>
  progress.every(
    ({ partition: { epoch, first, next }, sentinel }) =>
      sentinel !== null && sentinel.epoch === epoch && sentinel.next >= first && sentinel.next <= next,
  );

/**
 * Looks at a view and begins what has to be begun: a filling where the live generation is not what is wanted or cannot go on.
 * A live generation without its sentinels is none: nobody knows which events are in its entries.
 */
export async function standingOf(ports: StatePorts, wanted: StreamedView): Promise<Standing> {
  const { online } = ports;
  const { name } = wanted.view;
  for (;;) {
    const { bytes, state } = await readState(online, name);
    const live = await progressOf(ports, name, state.live);
    if (live.length > 0 && !isBegun(live)) {
      await online.writeState(name, bytes, encodeServingState(withoutLive(state)));
      continue;
    }
    if (isServed(wanted, state) && isReachable(live)) return { state, live, filling: null };
    const filling = fillingOf(wanted, state);
    if (filling === null) {
      await online.writeState(name, bytes, encodeServingState(withFilling(wanted, state, bytes === null)));
      continue;
    }
    return { state, live, filling: { generation: filling, progress: await progressOf(ports, name, filling) } };
  }
}

async function progressOf(
  { online, log }: StatePorts,
  view: string,
  generation: LiveGeneration | null,
): Promise<readonly Progress[]> {
  if (generation?.stream === undefined) return [];
  const { source } = generation.stream;
  const field = fieldName(view, generation.id);
  const partitions = await log.partitions(source);
  const keys = partitions.map(({ partition }) => ({ field, source, partition }));
  const { sentinels } = await online.streams().read({ entities: [], fields: [] }, keys);
  return partitions.map((partition, i) => {
    const bytes = sentinels[i] ?? null;
    return { partition, sentinel: bytes === null ? null : decodeSentinel(bytes) };
  });
}

/** False where the view is not as it was any more. The former generation's rows are removed, unless it is held. */
export async function switchTo({ online, settle }: StatePorts, view: string, field: FieldName): Promise<boolean> {
  for (;;) {
    const { bytes, state } = await readState(online, view);
    const { filling, live: former } = state;
    if (filling === undefined || fieldName(view, filling.id) !== field) return false;
    const next = await settle(view, switched(state, filling));
    if (!(await online.writeState(view, bytes, encodeServingState(next)))) continue;
    const isHeld = (next.bound ?? []).some(({ id }) => id === former?.id);
    if (former !== null && !isHeld) await online.dropField(fieldName(view, former.id));
    return true;
  }
}
