// `plumb status --exit-code`: whether every view is as it should be, as an exit code.
import type { ViewStatus } from '../materialize/run.ts';
import type { ToldFreshness } from '../schedule/freshness.ts';

/** Beside 0, 1 and 2 of all commands, so that a monitor can tell them from a store that is away. */
export const STALE_EXIT_CODE = 3;
export const FAILED_EXIT_CODE = 4;

type Judged = Pick<ViewStatus, 'view' | 'boundTo' | 'watermark' | 'lastRuns' | 'emptied' | 'damaged'> &
  Pick<ToldFreshness, 'overdueSeconds'>;

export interface Judging {
  readonly staleAfterSeconds: number;
  /** Views that a service reads online. */
  readonly served: ReadonlySet<string>;
}

export type Health = 'good' | 'stale' | 'failed';

/**
 * Failed: the last run did, the online store lost the view, or something stored of it is damaged. A view that lookups need and
 * that was never materialized is stale, whoever should materialize it.
 */
export function healthOf(
  { view, boundTo, watermark, lastRuns, emptied, damaged, overdueSeconds }: Judged,
  { staleAfterSeconds, served }: Judging,
): Health {
  const [last] = lastRuns;
  const didFail = last?.outcome === 'failed' && last.error?.code !== 'CANCELLED';
  if (didFail || emptied || damaged.length > 0) return 'failed';
  if (overdueSeconds === null)
    return watermark === null && (boundTo !== undefined || served.has(view)) ? 'stale' : 'good';
  return overdueSeconds > staleAfterSeconds ? 'stale' : 'good';
}

export function healthExitCode(views: readonly Judged[], judging: Judging): number {
  const found = views.map((view) => healthOf(view, judging));
  if (found.includes('failed')) return FAILED_EXIT_CODE;
  return found.includes('stale') ? STALE_EXIT_CODE : 0;
}
