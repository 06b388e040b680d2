// What a stored row says at an instant A: the part of a status that all features of the row share.
//
//   the row could not be read (partial answers only)                                       UNAVAILABLE
//   the live generation lacks the feature: it was added since (answer-json.ts)              NOT_MATERIALIZED
//   scheduled    runs at T; e(A) < e(T): the store is ahead of A                            TOO_EARLY, for every key
//   continuous   the row is not visible at A (later event, or later created time)           TOO_EARLY
//                no row at T means none at any earlier A                                    NOT_FOUND
//   then         no row                                                                     NOT_FOUND
//                A - event time > ttl                                                       OUTSIDE_MAX_AGE
//   otherwise    each feature for itself: INVALID, NULL_VALUE, PRESENT                      null
import { floorTo } from '../../instant.ts';
import type { Generation } from '../serving-state.ts';
import type { RowHeader } from '../stored-row.ts';

/** What all features of a row share. */
export type RowStatus = 'UNAVAILABLE' | 'NOT_MATERIALIZED' | 'TOO_EARLY' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';

/** e(t) of the view: the instant up to which its value at `t` looks. */
export function effectiveMicros({ refresh }: Pick<Generation, 'refresh'>, micros: bigint): bigint {
  return refresh === null ? micros : floorTo(micros - refresh.delayMicros, refresh.everyMicros);
}

/** Whether the store may hold rows that a scheduled view would not have had at `atMicros`. */
export const isBehindStore = (generation: Generation, atMicros: bigint): boolean =>
  generation.refresh !== null &&
  effectiveMicros(generation, atMicros) < effectiveMicros(generation, generation.reachedMicros);

/** `row` null: none is stored. The answer is null where each feature has a status of its own. */
export function rowStatus(generation: Generation, row: RowHeader | null, atMicros: bigint): RowStatus | null {
  if (isBehindStore(generation, atMicros)) return 'TOO_EARLY';
  if (row === null) return 'NOT_FOUND';
  if (generation.kind !== 'row') return null;
  if (generation.refresh === null && !isVisible(generation, row, atMicros)) return 'TOO_EARLY';
  const { ttlMicros } = generation;
  return ttlMicros !== null && row.eventMicros !== null && atMicros - row.eventMicros > ttlMicros
    ? 'OUTSIDE_MAX_AGE'
    : null;
}

function isVisible(
  { strictlyBefore, visibleFrom }: Generation,
  { eventMicros, createdMicros }: RowHeader,
  atMicros: bigint,
): boolean {
  if (eventMicros === null || eventMicros > atMicros || (strictlyBefore && eventMicros === atMicros)) return false;
  return visibleFrom === 'event_time' || (createdMicros !== null && createdMicros <= atMicros);
}
