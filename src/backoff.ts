// Pauses between attempts: each twice as long as the one before, up to a limit. Half of each is random, so that many who wait
// for the same thing do not come back in step.

export interface BackoffOptions {
  readonly firstMillis: number;
  readonly longestMillis: number;
}

/** `failures`: how many attempts have failed so far, from 1. */
export function backoffMillis(failures: number, { firstMillis, longestMillis }: BackoffOptions): number {
  const pauseMillis = Math.min(longestMillis, firstMillis * 2 ** Math.min(failures - 1, 30));
  return pauseMillis / 2 + (Math.random() * pauseMillis) / 2;
}
