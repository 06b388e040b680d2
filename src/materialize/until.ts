// As of when a run computes.
import { PlumbError } from '../../schemas/errors.ts';
import type { ServableView } from '../catalog/catalog.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import type { MaterializeRequest } from './run.ts';

export const isBehindWatermark = (error: unknown): error is PlumbError =>
  error instanceof PlumbError && error.code === 'BEHIND_WATERMARK';

/** As of when a run computes. BEHIND_WATERMARK where the view has gone further. */
export function untilOf(
  { mode, untilMicros, isUntilNow }: MaterializeRequest,
  view: ServableView,
  live: LiveGeneration | null,
): bigint {
  if (live?.fingerprint !== view.fingerprint || untilMicros >= live.watermarkMicros) return untilMicros;
  const now = nowMicros();
  if (isUntilNow && now >= live.watermarkMicros) return now;
  if (mode !== 'incremental') return untilMicros;
  const watermark = formatInstant(live.watermarkMicros);
  throw new PlumbError(
    'BEHIND_WATERMARK',
    `until ${formatInstant(untilMicros)} lies before the watermark of ${view.name}, ${watermark}; use a later instant, or a full run (--full, over HTTP "mode": "full") to build ${view.name} anew`,
    { details: { view: view.name, watermark } },
  );
}
