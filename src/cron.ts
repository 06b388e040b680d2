// Cron expressions: five fields, minutes first, always in UTC.
import { Cron } from 'croner';

export const EXPECTED_CRON = 'five fields of cron in UTC that some instant fits, such as "0 3 * * *"';

/** False also for one that no instant fits, such as the 31st of February. */
export function isCron(text: string): boolean {
  try {
    return parsed(text).nextRun(new Date(0)) !== null;
  } catch {
    return false;
  }
}

/** The last tick at or before an instant; null where there is none. */
export function newestTick(cron: string, atMicros: bigint): bigint | null {
  // The library looks for ticks before what it is given.
  const [tick] = parsed(cron).previousRuns(1, new Date(Number(atMicros / 1000n) + 1));
  return tick === undefined ? null : microsOf(tick);
}

/** The first tick after an instant; null where there is none. */
export function nextTick(cron: string, afterMicros: bigint): bigint | null {
  const tick = parsed(cron).nextRun(new Date(Number(afterMicros / 1000n)));
  return tick === null ? null : microsOf(tick);
}

const parsed = (cron: string): Cron => new Cron(cron, { mode: '5-part', timezone: 'UTC', paused: true });
const microsOf = (date: Date): bigint => BigInt(date.getTime()) * 1000n;
