// Rows of a partition → the entries of one target, with the sentinel that says so, in commits that the store takes.
import { PlumbError } from '../../../schemas/errors.ts';
import type { EntryRow } from '../../online/entry/entry.ts';
import type { EntityKey } from '../../online/row-selection.ts';
import { encodeSentinel, type Sentinel } from '../../online/sentinel.ts';
import {
  MOST_STREAM_BYTES,
  MOST_STREAM_WRITES,
  type SentinelKey,
  type StreamStore,
  type StreamWrite,
} from '../../online/stream-store.ts';
import type { Partition } from '../event-log.ts';
import type { StreamTarget } from './stream-target.ts';

/** A row that an event gave, and the entity that it is of. */
export interface TargetRow {
  readonly entity: EntityKey;
  /** With its position. */
  readonly row: EntryRow;
  readonly offset: bigint;
  readonly appendMicros: bigint;
}

export interface Applying {
  readonly store: StreamStore;
  readonly partition: Partition;
  readonly target: StreamTarget;
}

/** Up to where: the sentinel then says `next`, and the append time of the event before it. */
export type Reach = Pick<Sentinel, 'next' | 'appendMicros'>;

export const sentinelKeyOf = ({ partition: { source, partition }, target: { field } }: Applying): SentinelKey => ({
  ...{ field, source, partition },
});

/** Of the bytes of a commit, for keys and sentinels. */
const SPARE_BYTES = 64 * 1024;
/** Entries change under a commit only where another partition writes them too. */
const MOST_TRIES = 100;

/**
 * Applies rows in the order of their offsets, each once, and moves the sentinel from `from` to `reach`. Returns how far it
 * came: null where the sentinel is not `from` any more, because another processor took the partition over.
 */
export async function applyRows(
  applying: Applying,
  from: Sentinel,
  rows: readonly TargetRow[],
  reach: Reach,
): Promise<Sentinel | null> {
  const entities = byEntity(rows);
  if (entities.size > MOST_STREAM_WRITES) return await inHalves(applying, from, rows, reach);
  const { store, target } = applying;
  const key = sentinelKeyOf(applying);
  const to = { ...from, ...reach };
  const [expected, next] = [encodeSentinel(from), encodeSentinel(to)];
  for (let tries = 1; ; tries += 1) {
    const keys = [...entities.values()].map(([first]) => first.entity);
    const read = await store.read({ entities: keys, fields: [target.field] }, [key]);
    if (!isSame(read.sentinels[0] ?? null, expected)) return null;
    const writes = [...entities.values()].map((ofEntity, i): StreamWrite => {
      const stored = read.entries[i]?.[0] ?? null;
      const merged = target.merge(
        stored?.bytes ?? null,
        ofEntity.map(({ row }) => row),
        appliedBy(ofEntity, reach),
      );
      const { field } = target;
      return { entity: ofEntity[0].entity, field, expectedVersion: stored?.version ?? null, next: merged };
    });
    if (rows.length > 1 && sizeOf(writes) > MOST_STREAM_BYTES - SPARE_BYTES)
      return await inHalves(applying, from, rows, reach);
    if (await store.commit({ sentinels: [{ key, expected, next }], writes })) return to;
    if (tries === MOST_TRIES)
      throw new PlumbError('CONFLICT', `entries of ${target.field} changed under each of ${MOST_TRIES} commits`);
  }
}

/** The second half goes on from where the first one came: no event is in entries whose sentinel does not say so. */
async function inHalves(
  applying: Applying,
  from: Sentinel,
  rows: readonly TargetRow[],
  reach: Reach,
): Promise<Sentinel | null> {
  const middle = rows[rows.length >> 1] as TargetRow;
  const first = rows.filter(({ offset }) => offset < middle.offset);
  const last = first.at(-1);
  // One event can give only one row: the halves are smaller than the whole.
  if (last === undefined) throw new Error(`event ${middle.offset} gives more rows than a commit takes`);
  const half = { next: middle.offset, appendMicros: last.appendMicros };
  const reached = await applyRows(applying, from, first, half);
  if (reached === null) return null;
  return await applyRows(applying, reached, rows.slice(first.length), reach);
}

type OfEntity = [TargetRow, ...TargetRow[]];

function byEntity(rows: readonly TargetRow[]): Map<string, OfEntity> {
  const entities = new Map<string, OfEntity>();
  for (const row of rows) {
    const text = Buffer.from(row.entity).toString('latin1');
    const known = entities.get(text);
    if (known === undefined) entities.set(text, [row]);
    else known.push(row);
  }
  return entities;
}

const appliedBy = (ofEntity: OfEntity, { appendMicros }: Reach): bigint =>
  appendMicros ?? (ofEntity.at(-1) as TargetRow).appendMicros;

const sizeOf = (writes: readonly StreamWrite[]): number =>
  writes.reduce((sum, { entity, next }) => sum + entity.length + (next?.length ?? 0), 0);

const isSame = (a: Uint8Array | null, b: Uint8Array): boolean => a !== null && Buffer.compare(a, b) === 0;
