// How far the values of a view are behind. Pure.
import { formatInstant, parseInstant } from '../instant.ts';
import { newestDue, nextDue, type TimedView, timingOf } from './timing.ts';

export interface Freshness {
  /** From the watermark to the clock; null where the view was never materialized. */
  readonly freshnessSeconds: number | null;
  /** The newest run that should have been: its instant is the watermark it leaves. null: nothing is expected of the view. */
  readonly expectedMicros: bigint | null;
  /** Since the first run that should have been and was not; 0 where none is missing; null where nothing is expected. */
  readonly overdueSeconds: number | null;
}

export interface Materialized {
  /** null: never. */
  readonly watermarkMicros: bigint | null;
  /** False where the live values are those of a former definition. */
  readonly isCurrent: boolean;
}

export function freshnessOf(
  view: TimedView,
  { watermarkMicros, isCurrent }: Materialized,
  nowMicros: bigint,
): Freshness {
  const freshnessSeconds = watermarkMicros === null ? null : seconds(nowMicros - watermarkMicros);
  const timing = timingOf(view);
  const expectedMicros = timing === null ? null : newestDue(timing, nowMicros);
  if (timing === null || expectedMicros === null) return { freshnessSeconds, expectedMicros, overdueSeconds: null };
  // Without values of this definition nobody knows since when: the newest run is the one that is missing.
  const missing = watermarkMicros !== null && isCurrent ? nextDue(timing, watermarkMicros) : expectedMicros;
  const isMissing = missing !== null && missing <= nowMicros;
  return { freshnessSeconds, expectedMicros, overdueSeconds: isMissing ? seconds(nowMicros - missing) : 0 };
}

const seconds = (micros: bigint): number => Number(micros) / 1e6;

/** As told to people and programs. */
export interface ToldFreshness {
  readonly freshnessSeconds: number | null;
  readonly expectedRun: string | null;
  readonly overdueSeconds: number | null;
}

export interface ToldWatermark {
  readonly view: string;
  readonly watermark: string | null;
  /** The live values are of a former definition. */
  readonly changed: boolean;
}

export function toldFreshness(
  views: ReadonlyMap<string, TimedView>,
  { view, watermark, changed }: ToldWatermark,
  nowMicros: bigint,
): ToldFreshness {
  const timed = views.get(view) ?? { refresh: null };
  const watermarkMicros = watermark === null ? null : parseInstant(watermark);
  const freshness = freshnessOf(timed, { watermarkMicros, isCurrent: !changed }, nowMicros);
  const { freshnessSeconds, expectedMicros, overdueSeconds } = freshness;
  return {
    freshnessSeconds,
    expectedRun: expectedMicros === null ? null : formatInstant(expectedMicros),
    overdueSeconds,
  };
}
