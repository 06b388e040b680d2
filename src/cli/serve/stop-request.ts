// How a server is told to end: the first signal asks for it, a second one ends the process at once.
import type { Logger } from '../../config/logger.ts';
import { type Io, SIGNAL_EXIT_CODES } from '../io.ts';

/** Aborts at the first signal; its name is the reason. */
export function stopRequest(io: Io, logger: Logger): AbortSignal {
  const stop = new AbortController();
  io.onSignal((signal) => {
    if (!stop.signal.aborted) return stop.abort(signal);
    logger.error({ signal }, 'ending at once, as a second signal asks: requests in flight are cut off');
    io.exitNow(SIGNAL_EXIT_CODES[signal]);
  });
  return stop.signal;
}
