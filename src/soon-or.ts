// A wait that ends.
import { setTimeout as sleep } from 'node:timers/promises';

/** What is awaited, or `otherwise` where that takes longer. Its later end, also a failure, is nobody's any more. */
export async function soonOr<T, U>(awaited: Promise<T>, otherwise: U, withinMillis: number): Promise<T | U> {
  awaited.catch(() => undefined);
  const giveUp = new AbortController();
  const late = sleep(withinMillis, otherwise, { signal: giveUp.signal });
  late.catch(() => undefined);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    giveUp.abort();
  }
}
