// How far the events of a generation that a stream feeds are applied, by its sentinels.

import type { FieldName } from './row-selection.ts';
import { decodeSentinel } from './sentinel.ts';
import type { StreamStore } from './stream-store.ts';

export interface AppliedPartition {
  readonly partition: number;
  readonly epoch: string;
  /** Events before it are applied. */
  readonly next: bigint;
  /** Of the last event that is; null: none is. */
  readonly appendMicros: bigint | null;
}

export async function appliedPartitions(
  streams: Pick<StreamStore, 'listSentinels'>,
  field: FieldName,
): Promise<readonly AppliedPartition[]> {
  return (await streams.listSentinels(field)).map(({ key: { partition }, sentinel }) => {
    const { epoch, next, appendMicros } = decodeSentinel(sentinel);
    return { partition, epoch, next, appendMicros };
  });
}

/** The append time up to which all events are applied, of whatever partition; null where one of them has none. */
export function appliedMicros(partitions: readonly AppliedPartition[]): bigint | null {
  let least: bigint | null = null;
  for (const { appendMicros } of partitions) {
    if (appendMicros === null) return null;
    if (least === null || appendMicros < least) least = appendMicros;
  }
  return least;
}
