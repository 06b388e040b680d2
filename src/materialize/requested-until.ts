// The instant that a user names for a run. One far after the clock is refused unless it is meant: the watermark it leaves
// would keep every later plain run of the view from running.
import { PlumbError } from '../../schemas/errors.ts';
import { formatInstant, nowMicros, requireInstant } from '../instant.ts';

/** How far an instant may lie after this machine's clock: a time zone that was left out, a clock that goes wrong. */
const FUTURE_MICROS = 86_400_000_000n;

export interface UntilPlace {
  /** Of the instant in the request, for messages. */
  readonly path: string;
  /** What a user adds to permit an instant in the far future. */
  readonly permit: string;
  readonly isPermitted: boolean;
}

/** undefined: now. INVALID_REQUEST for what is no instant, or lies more than a day after the clock without a permit. */
export function requireUntil(text: string | undefined, { path, permit, isPermitted }: UntilPlace): bigint {
  const now = nowMicros();
  if (text === undefined) return now;
  const untilMicros = requireInstant(text, path);
  if (isPermitted || untilMicros <= now + FUTURE_MICROS) return untilMicros;
  throw new PlumbError(
    'INVALID_REQUEST',
    `${path}: found ${formatInstant(untilMicros)}, expected at most one day after the clock, which says ${formatInstant(now)}: no plain run could follow before that instant. Use an earlier one, or add ${permit}`,
    { details: { path } },
  );
}
