// What a stored row says at an instant A: the part of a status that all features of the row share.
//
//   the row could not be read (partial answers only)                                       UNAVAILABLE
//   the live generation lacks the feature: it was added since (answer-json.ts)              NOT_MATERIALIZED
//   scheduled    runs at T; e(A) < e(T): the store is ahead of A                            TOO_EARLY, for every key
//   continuous   the row is not visible at A (later event, or later created time)           TOO_EARLY
//                no row at T means none at any earlier A                                    NOT_FOUND
//   then         no row, or one that deletes its key                                        NOT_FOUND
//                A - event time > ttl                                                       OUTSIDE_MAX_AGE
//   otherwise    each feature for itself: INVALID, NULL_VALUE, PRESENT                      null
import { effectiveMicros } from '../../aggregate/windows.ts';
import type { Generation, GenerationProgress } from '../serving-state.ts';
import type { RowHeader } from '../stored-row.ts';

/** What all features of a row share. */
export type RowStatus = 'UNAVAILABLE' | 'NOT_MATERIALIZED' | 'TOO_EARLY' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';

/** Whether the store may hold rows that a scheduled view would not have had at `atMicros`. */
const isBehindStore = ({ refresh }: Generation, { reachedMicros }: GenerationProgress, atMicros: bigint): boolean =>
  refresh !== null && effectiveMicros(refresh, atMicros) < effectiveMicros(refresh, reachedMicros);

/** Says of a row what it is at one instant; null: none is stored. Null where each feature has a status of its own. */
export type JudgeRow = (row: RowHeader | null) => RowStatus | null;

/** What depends on the view and the instant alone is looked at here, once for all rows. */
export function judgeAt(generation: Generation, progress: GenerationProgress, atMicros: bigint): JudgeRow {
  const { kind, refresh, ttlMicros } = generation;
  if (isBehindStore(generation, progress, atMicros)) return () => 'TOO_EARLY';
  if (kind !== 'row') return (row) => (row === null ? 'NOT_FOUND' : null);
  const oldestMicros = ttlMicros === null ? null : atMicros - ttlMicros;
  return (row) => {
    if (row === null) return 'NOT_FOUND';
    if (refresh === null && !isVisible(generation, row, atMicros)) return 'TOO_EARLY';
    if (row.isDeleted === true) return 'NOT_FOUND';
    const { eventMicros } = row;
    return oldestMicros !== null && eventMicros !== null && eventMicros < oldestMicros ? 'OUTSIDE_MAX_AGE' : null;
  };
}

function isVisible(
  { strictlyBefore, visibleFrom }: Generation,
  { eventMicros, createdMicros }: RowHeader,
  atMicros: bigint,
): boolean {
  if (eventMicros === null || eventMicros > atMicros || (strictlyBefore && eventMicros === atMicros)) return false;
  return visibleFrom === 'event_time' || (createdMicros !== null && createdMicros <= atMicros);
}
