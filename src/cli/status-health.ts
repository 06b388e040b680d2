// `plumb status --exit-code`: whether every view is as it should be, as an exit code.
import type { ViewStatus } from '../materialize/run.ts';
import type { ToldFreshness } from '../schedule/freshness.ts';

/** Beside 0, 1 and 2 of all commands, so that a monitor can tell them from a store that is away. */
export const STALE_EXIT_CODE = 3;
export const FAILED_EXIT_CODE = 4;

type Judged = Pick<ViewStatus, 'lastRuns' | 'emptied' | 'damaged'> & Pick<ToldFreshness, 'overdueSeconds'>;

export type Health = 'good' | 'stale' | 'failed';

/** Failed: the last run did, the online store lost the view, or something stored of it is damaged. */
export function healthOf({ lastRuns, emptied, damaged, overdueSeconds }: Judged, staleAfterSeconds: number): Health {
  const [last] = lastRuns;
  const didFail = last?.outcome === 'failed' && last.error?.code !== 'CANCELLED';
  if (didFail || emptied || damaged.length > 0) return 'failed';
  return overdueSeconds !== null && overdueSeconds > staleAfterSeconds ? 'stale' : 'good';
}

export function healthExitCode(views: readonly Judged[], staleAfterSeconds: number): number {
  const found = views.map((view) => healthOf(view, staleAfterSeconds));
  if (found.includes('failed')) return FAILED_EXIT_CODE;
  return found.includes('stale') ? STALE_EXIT_CODE : 0;
}
