// Which run of a schedule is to be started now. Pure.
import type { Schedule } from './schedules.ts';
import { newestDue, nextDue } from './timing.ts';

export interface Standing {
  /** Up to here nothing is to be done any more: it was done, or given up. null: nothing was ever done of what is run now. */
  readonly handledMicros: bigint | null;
  /** The last run failed, and is tried again. */
  readonly retry: { readonly dueMicros: bigint; readonly failures: number; readonly atMicros: bigint } | null;
}

export interface DueRun {
  readonly dueMicros: bigint;
  /** Attempts that failed since the last one that did not, unless that was told already. */
  readonly failures: number;
}

/** null: nothing is due, or it is not yet time to try again. */
export function dueRun(
  { timing, catchUp }: Pick<Schedule, 'timing' | 'catchUp'>,
  { handledMicros, retry }: Standing,
  nowMicros: bigint,
): DueRun | null {
  const dueMicros =
    catchUp === 'each' && handledMicros !== null ? nextDue(timing, handledMicros) : newestDue(timing, nowMicros);
  if (dueMicros === null || dueMicros > nowMicros) return null;
  if (handledMicros !== null && dueMicros <= handledMicros) return null;
  // What fails and is soon due again would never be given up, and never told, if each due began anew.
  const failures = retry?.failures ?? 0;
  const isEarly = retry !== null && retry.dueMicros === dueMicros && nowMicros < retry.atMicros;
  return isEarly ? null : { dueMicros, failures };
}
