// Where windows, hops and boundaries lie (DESIGN section 2), whoever computes what is in them. Instants are microseconds since
// 1970; floors go toward minus infinity, from the epoch.
//
//   scheduled     e = floor(t - delay, every)      [e - width, e)
//   continuous    e = t                            [floor(e - width, hop), e)
//   label         e = t                            [e, e + width): its lead is its width
//   with an offset, a lead below 0                 [e - width - offset, e - offset)
//                 in a continuous view             [floor(e - width - offset, hop), floor(e - offset, hop))
import type { AggregateFeature, FeatureView, Refresh } from '../catalog/catalog.ts';
import { floorTo } from '../instant.ts';

/** `[e + lead - width, e + lead)`, floored with a hop, but for an end at e itself; unbounded without a width. */
export interface WindowSpan {
  readonly widthMicros: bigint | null;
  readonly hopMicros: bigint | null;
  /** How far beyond e it ends, below 0 how far before; absent: it ends at e. */
  readonly leadMicros?: bigint;
}

type Timed = Pick<AggregateFeature, 'windowMicros' | 'offsetMicros' | 'hopMicros'>;

/** A label's window ends as far ahead of the instant as it is wide. */
export function spanOf(kind: FeatureView['kind'], { windowMicros, offsetMicros, hopMicros }: Timed): WindowSpan {
  const span = { widthMicros: windowMicros, hopMicros };
  if (kind === 'label' && windowMicros !== null) return { ...span, leadMicros: windowMicros };
  return offsetMicros === undefined ? span : { ...span, leadMicros: -offsetMicros };
}

/** For how long a row may count after its event time; null: for ever. */
export const reachMicros = ({ windowMicros, offsetMicros = 0n, hopMicros }: Timed): bigint | null =>
  windowMicros === null ? null : offsetMicros + windowMicros + (hopMicros ?? 0n);

/** e(t): the instant up to which a value at `t` looks. */
export const effectiveMicros = (refresh: Refresh | null, micros: bigint): bigint =>
  refresh === null ? micros : floorTo(micros - refresh.delayMicros, refresh.everyMicros);

/** p(t): created times up to it are known to a value at `t`. */
export const knownMicros = (refresh: Refresh | null, micros: bigint): bigint =>
  refresh === null ? micros : effectiveMicros(refresh, micros) + refresh.delayMicros;

/** The first instant inside of a window; null for an unbounded one. */
export function windowStartMicros({ widthMicros, hopMicros, leadMicros = 0n }: WindowSpan, e: bigint): bigint | null {
  if (widthMicros === null) return null;
  const start = e + leadMicros - widthMicros;
  return hopMicros === null ? start : floorTo(start, hopMicros);
}

/** The first instant behind all of several windows; `e` without any. */
export const latestEndMicros = (windows: readonly WindowSpan[], e: bigint): bigint =>
  windows.reduce((latest, window) => later(latest, windowEndMicros(window, e)), e);

/** The first instant behind a window. */
export const windowEndMicros = ({ hopMicros, leadMicros = 0n }: WindowSpan, e: bigint): bigint =>
  leadMicros === 0n || hopMicros === null ? e + leadMicros : floorTo(e + leadMicros, hopMicros);

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);

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

/** The number of the hop that an instant lies in; without a hop the instant itself. */
export const hopNumber = (micros: bigint, hopMicros: bigint | null): bigint =>
  hopMicros === null ? micros : floorTo(micros, hopMicros) / hopMicros;
