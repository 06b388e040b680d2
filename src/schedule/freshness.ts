// How far the values of a view are behind. Pure.
import type { StreamState } from '../../schemas/wire-types.ts';
import { formatInstant, parseInstant } from '../instant.ts';
import type { StreamLag } from '../materialize/streams/stream-lag.ts';
import { firstDue, newestDue, nextDue, type TimedView, type Timing, timingOf } from './timing.ts';

export interface Freshness {
  /** From the watermark to the clock; null where the view was never materialized. */
  readonly freshnessSeconds: number | null;
  /**
   * The newest run that should have been: its instant is the watermark it leaves. null: nothing is expected of the view, or
   * nothing yet.
   */
  readonly expectedMicros: bigint | null;
  /** Since the first run that should have been and was not; 0 where none is missing; null where nothing is expected. */
  readonly overdueSeconds: number | null;
}

export interface Materialized {
  /** null: never. */
  readonly watermarkMicros: bigint | null;
  /** False where the live values are those of a former definition. */
  readonly isCurrent: boolean;
  /** Of a view that a stream feeds: how far it is behind. */
  readonly lag?: StreamLag | undefined;
  /** When the definition as it is was registered; absent: unknown. */
  readonly sinceMicros?: bigint | undefined;
}

export function freshnessOf(view: TimedView, materialized: Materialized, nowMicros: bigint): Freshness {
  const { watermarkMicros, lag } = materialized;
  if (lag !== undefined) return { freshnessSeconds: lag.seconds, expectedMicros: null, overdueSeconds: null };
  const freshnessSeconds = watermarkMicros === null ? null : seconds(nowMicros - watermarkMicros);
  const timing = timingOf(view);
  const newest = timing === null ? null : newestDue(timing, nowMicros);
  if (timing === null || newest === null) return { freshnessSeconds, expectedMicros: null, overdueSeconds: null };
  const missing = firstMissing(timing, materialized, newest);
  const isMissing = missing !== null && missing <= nowMicros;
  const isDone = watermarkMicros !== null && materialized.isCurrent;
  return {
    freshnessSeconds,
    expectedMicros: isDone || isMissing ? newest : null,
    overdueSeconds: isMissing ? seconds(nowMicros - missing) : 0,
  };
}

/** It may be due later. */
function firstMissing(timing: Timing, { watermarkMicros, isCurrent, sinceMicros }: Materialized, newest: bigint) {
  if (watermarkMicros !== null && isCurrent) return nextDue(timing, watermarkMicros);
  // Nobody could run a definition before there was one. Where nobody knows since when there is, the newest run is missing.
  return sinceMicros === undefined ? newest : firstDue(timing, sinceMicros);
}

const seconds = (micros: bigint): number => Number(micros) / 1e6;

/** As told to people and programs. */
export interface ToldFreshness {
  readonly freshnessSeconds: number | null;
  readonly expectedRun: string | null;
  readonly overdueSeconds: number | null;
}

export interface ToldWatermark {
  /** Of a view that a stream feeds. */
  readonly stream?: Pick<StreamState, 'lagSeconds'> | undefined;
  /** When its definition was registered; absent: unknown. */
  readonly timed: TimedView & Pick<Materialized, 'sinceMicros'>;
  readonly watermark: string | null;
  /** The live values are of a former definition. */
  readonly changed: boolean;
}

export function toldFreshness({ timed, watermark, changed, stream }: ToldWatermark, nowMicros: bigint): ToldFreshness {
  if (stream !== undefined) return { freshnessSeconds: stream.lagSeconds, expectedRun: null, overdueSeconds: null };
  const watermarkMicros = watermark === null ? null : parseInstant(watermark);
  const { sinceMicros } = timed;
  const freshness = freshnessOf(timed, { watermarkMicros, isCurrent: !changed, sinceMicros }, nowMicros);
  const { freshnessSeconds, expectedMicros, overdueSeconds } = freshness;
  return {
    freshnessSeconds,
    expectedRun: expectedMicros === null ? null : formatInstant(expectedMicros),
    overdueSeconds,
  };
}
