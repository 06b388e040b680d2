// Which instants count: effective time, created limit, window starts. Straight from section 2 of the design.
import { DAY, floorTo, parseDuration, SECOND } from './instants.ts';
import type { FeatureDefinition, ViewDefinition } from './world.ts';

const MINUTE = 60n * SECOND;
const DEFAULT_HOPS = [DAY, 60n * MINUTE, 5n * MINUTE, MINUTE, 10n * SECOND, SECOND];

/** e(t): t itself, or the last boundary of a scheduled view that was published by t. */
export function effectiveTime(view: ViewDefinition, t: bigint): bigint {
  if (!view.refresh) return t;
  return floorTo(t - delayOf(view), parseDuration(view.refresh.every));
}

/** p(t): a row counts only if it was created by then (`visibleFrom: created_time`). */
export function createdLimit(view: ViewDefinition, t: bigint): bigint {
  return view.refresh ? effectiveTime(view, t) + delayOf(view) : t;
}

const delayOf = (view: ViewDefinition): bigint => parseDuration(view.refresh?.delay ?? '0s');

export function hopOf(feature: FeatureDefinition): bigint {
  if (feature.hop) return parseDuration(feature.hop);
  const window = parseDuration(feature.window ?? '');
  return DEFAULT_HOPS.find((hop) => 12n * hop <= window) ?? SECOND;
}

/** The first instant inside the window; null: unbounded. A label's begins at e. */
export function windowStart(view: ViewDefinition, feature: FeatureDefinition, e: bigint): bigint | null {
  if (view.kind === 'label') return e;
  if (feature.window === undefined || feature.window === 'unbounded') return null;
  const start = e - offsetOf(feature) - parseDuration(feature.window);
  return view.refresh ? start : floorTo(start, hopOf(feature));
}

/** The first instant behind the window. */
export function windowEnd(view: ViewDefinition, feature: FeatureDefinition, e: bigint): bigint {
  if (view.kind === 'label') return e + parseDuration(feature.window ?? '');
  if (feature.offset === undefined) return e;
  return view.refresh ? e - offsetOf(feature) : floorTo(e - offsetOf(feature), hopOf(feature));
}

export const offsetOf = ({ offset }: FeatureDefinition): bigint => (offset === undefined ? 0n : parseDuration(offset));

/** A label is known once its window has passed. */
export const isMature = (view: ViewDefinition, feature: FeatureDefinition, t: bigint, built: bigint | null): boolean =>
  view.kind !== 'label' || built === null || windowEnd(view, feature, t) <= built;
