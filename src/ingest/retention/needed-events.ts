// From where on the events of a partition are still needed in the log, and by whom.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { decodeSentinel } from '../../online/sentinel.ts';
import { fieldName, viewOfField } from '../../online/serving-state.ts';
import { decodeServingState } from '../../online/serving-state-codec.ts';
import type { StoredSentinel } from '../../online/stream-store.ts';
import type { PartitionState } from '../event-log.ts';
import type { Lake } from '../lake/lake.ts';

export interface Need {
  readonly from: bigint;
  readonly by: string;
}

export interface NeedPorts {
  readonly lake: Pick<Lake, 'read'>;
  readonly online: Pick<OnlineStore, 'read' | 'streams'>;
}

/** Events that are not in the lake. */
export async function neededByLake({ lake }: NeedPorts, { source, partition, epoch }: PartitionState): Promise<Need> {
  const end = (await lake.read(source)).find((one) => one.partition === partition)?.end;
  return { from: end?.epoch === epoch ? end.next : 0n, by: 'they are not in the lake yet' };
}

/**
 * Of each generation that has a sentinel of the partition, and of each that is being filled. To be called after `neededByLake`: a
 * generation that begins to be filled later is filled from a lake that has at least those events.
 */
export async function neededByViews(
  { online }: NeedPorts,
  { views }: Catalog,
  partition: PartitionState,
): Promise<readonly Need[]> {
  const { source, epoch, first } = partition;
  const names = [...views.keys()];
  // States first: a generation that is not being filled any more has its sentinels.
  const { states } = await online.read([], names);
  const sentinels = (await sentinelsOf(online)).filter(
    ({ key }) => key.source === source && key.partition === partition.partition,
  );
  // Offsets of another log are those of other events.
  const known = sentinels
    .map(({ key: { field }, sentinel }) => ({ field, sentinel: decodeSentinel(sentinel) }))
    .filter(({ sentinel }) => sentinel.epoch === epoch);
  const followed = known.map(({ field, sentinel }) => ({
    ...{ field, from: sentinel.next, by: `they are not applied to view ${viewOfField(field)} yet` },
  }));
  const begun = new Set(known.map(({ field }) => field));
  const filled = names.filter((view, i) => {
    const bytes = states[i] ?? null;
    const filling = bytes === null ? undefined : decodeServingState(bytes).filling;
    return filling?.stream?.source === source && !begun.has(fieldName(view, filling.id));
  });
  return [...followed, ...filled.map((view) => ({ from: first, by: `view ${view} is being filled` }))];
}

/** A store that takes no streams has none. */
async function sentinelsOf(online: NeedPorts['online']): Promise<readonly StoredSentinel[]> {
  try {
    return await online.streams().listSentinels();
  } catch (error) {
    if (error instanceof PlumbError && error.code === 'NOT_SUPPORTED') return [];
    throw error;
  }
}
