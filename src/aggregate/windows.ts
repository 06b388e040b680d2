// Where windows, hops and boundaries lie (DESIGN section 2), whoever computes what is in them. Instants are microseconds since
// 1970; floors go toward minus infinity, from the epoch.
//
//   scheduled     e = floor(t - delay, every)      [e - width, e)
//   continuous    e = t                            [floor(e - width, hop), e)
import type { Refresh } from '../catalog/catalog.ts';
import { floorTo } from '../instant.ts';

/** `[e - width, e)`, or `[floor(e - width, hop), e)` with a hop; unbounded without a width. */
export interface WindowSpan {
  readonly widthMicros: bigint | null;
  readonly hopMicros: bigint | null;
}

/** e(t): the instant up to which a value at `t` looks. */
export const effectiveMicros = (refresh: Refresh | null, micros: bigint): bigint =>
  refresh === null ? micros : floorTo(micros - refresh.delayMicros, refresh.everyMicros);

/** p(t): created times up to it are known to a value at `t`. */
export const knownMicros = (refresh: Refresh | null, micros: bigint): bigint =>
  refresh === null ? micros : effectiveMicros(refresh, micros) + refresh.delayMicros;

/** The first instant inside of a window that ends before `e`; null for an unbounded one. */
export function windowStartMicros({ widthMicros, hopMicros }: WindowSpan, e: bigint): bigint | null {
  if (widthMicros === null) return null;
  return hopMicros === null ? e - widthMicros : floorTo(e - widthMicros, hopMicros);
}

/** Of several windows; null where one is unbounded. */
export function earliestStartMicros(windows: readonly WindowSpan[], e: bigint): bigint | null {
  let first = e;
  for (const window of windows) {
    const start = windowStartMicros(window, e);
    if (start === null) return null;
    if (start < first) first = start;
  }
  return first;
}

const SECOND = 1_000_000n;
const DEFAULT_HOPS = [86_400n, 3_600n, 300n, 60n, 10n, 1n].map((seconds) => seconds * SECOND);

/** The largest of 1d, 1h, 5m, 1m, 10s, 1s that fits the window twelve times; at least 1s. */
export const defaultHop = (windowMicros: bigint): bigint =>
  DEFAULT_HOPS.find((hop) => hop * 12n <= windowMicros) ?? SECOND;
