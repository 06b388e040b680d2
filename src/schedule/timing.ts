// When a schedule is due. Pure: the clock is an argument.
//
//   refresh { every, delay }   due at each boundary + delay: values at e(T) = boundary are wanted from then on
//   cron                       due at each tick, in UTC
//
// A run that is due at D computes values as of D, so that runs at other times, or twice, compute the same.
import type { FeatureView } from '../catalog/catalog.ts';
import { newestTick, nextTick } from '../cron.ts';
import { floorTo } from '../instant.ts';

export type Timing =
  | { readonly kind: 'refresh'; readonly everyMicros: bigint; readonly delayMicros: bigint }
  | { readonly kind: 'cron'; readonly cron: string };

export type TimedView = Pick<FeatureView, 'refresh' | 'schedule' | 'online'>;

/** null: the view is run by hand only, or never, because it is not online. */
export function timingOf({ refresh, schedule, online }: TimedView): Timing | null {
  if (online === false) return null;
  if (refresh !== null) return { kind: 'refresh', ...refresh };
  return schedule === undefined ? null : { kind: 'cron', cron: schedule };
}

/** The last instant at or before `atMicros` at which it was due; null where there is none. */
export function newestDue(timing: Timing, atMicros: bigint): bigint | null {
  if (timing.kind === 'cron') return newestTick(timing.cron, atMicros);
  const { everyMicros, delayMicros } = timing;
  return floorTo(atMicros - delayMicros, everyMicros) + delayMicros;
}

/** Of what exists since an instant: the first tick after it, or the first boundary after it + delay. */
export const firstDue = (timing: Timing, sinceMicros: bigint): bigint | null =>
  nextDue(timing, timing.kind === 'cron' ? sinceMicros : sinceMicros + timing.delayMicros);

/** The first instant after `afterMicros` at which it is due; null where there is none. */
export function nextDue(timing: Timing, afterMicros: bigint): bigint | null {
  if (timing.kind === 'cron') return nextTick(timing.cron, afterMicros);
  const { everyMicros, delayMicros } = timing;
  return floorTo(afterMicros - delayMicros, everyMicros) + everyMicros + delayMicros;
}
