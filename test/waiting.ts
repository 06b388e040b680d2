// Waiting for what other processes do, as long as a busy machine may need and no longer.
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

const MOST_MILLIS = 60_000;
const PAUSE_MILLIS = 10;

/** The first value of `read` that is accepted: without `accept` the first that is truthy. Throws with the last one after a minute. */
export async function until<T>(read: () => Promise<T> | T, accept: (value: T) => boolean = Boolean): Promise<T> {
  for (const start = performance.now(); ; await sleep(PAUSE_MILLIS)) {
    const value = await read();
    if (accept(value)) return value;
    if (performance.now() - start > MOST_MILLIS) throw new Error(`still ${inspect(value)} after ${MOST_MILLIS} ms`);
  }
}

/** Once `check` passes. Throws what it threw last, after a minute. */
export async function eventually(check: () => Promise<void> | void): Promise<void> {
  for (const start = performance.now(); ; await sleep(PAUSE_MILLIS)) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() - start > MOST_MILLIS) throw error;
    }
  }
}
