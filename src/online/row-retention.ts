// When a row may leave the online store. Counted from the data: a row that a run at T wrote is needed, in the time of the
// data, until
//
//   row view         event time + ttl       (its age is exactly ttl then, which is still valid); without a ttl for ever
//   aggregate view   T + longest window     (no window at a later instant holds an event that it counted; an offset and a hop
//                                           are part of its length); unbounded: for ever
//
// and never less than until T. The wall clock was W when it was written, so the need is over at W + (need - T), and the row
// may leave a grace period after that: old data that is loaded today is served as if its time were now.
//
//        T ───────── need                     time of the data
//        W ───────── W + need - T ── grace ─▶ may leave      wall clock
import type { LiveGeneration } from './serving-state.ts';

type Needed = Pick<LiveGeneration, 'kind' | 'ttlMicros' | 'retention'>;

/** Whether rows of the generation leave at all. */
export const isKeptForEver = ({ kind, ttlMicros, retention }: Needed): boolean =>
  retention === null || (kind === 'row' ? ttlMicros : retention.longestWindowMicros) === null;

/** The last instant, of the data, at which a row is needed; null: for ever. `untilMicros`: the T of its run. */
function needMicros({ kind, ttlMicros, retention }: Needed, eventMicros: bigint | null, untilMicros: bigint) {
  if (kind === 'row') return ttlMicros === null || eventMicros === null ? null : eventMicros + ttlMicros;
  const longest = retention?.longestWindowMicros ?? null;
  return longest === null ? null : untilMicros + longest;
}

/** For how long from its writing on a row has to stay, grace included; null: for ever. The watermark is that of its run. */
export function lifeMicros(
  generation: Needed & Pick<LiveGeneration, 'watermarkMicros'>,
  eventMicros: bigint | null,
  graceMicros: bigint,
): bigint | null {
  if (isKeptForEver(generation)) return null;
  const need = needMicros(generation, eventMicros, generation.watermarkMicros);
  if (need === null) return null;
  const rest = need - generation.watermarkMicros;
  return (rest > 0n ? rest : 0n) + graceMicros;
}

/**
 * Whether the need of a row of the live generation has been over for longer than the grace period. Of several runs that
 * filled the generation the one whose clock was the furthest ahead counts, so a row may stay longer than `lifeMicros`
 * says, never shorter, as long as it was written more than a grace period ago.
 */
export function isOver(
  generation: Needed & Pick<LiveGeneration, 'reachedMicros'>,
  eventMicros: bigint | null,
  graceMicros: bigint,
  nowMicros: bigint,
): boolean {
  if (generation.retention === null) return false;
  const need = needMicros(generation, eventMicros, generation.reachedMicros);
  return need !== null && nowMicros > need + generation.retention.clockLeadMicros + graceMicros;
}
