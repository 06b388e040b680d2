// Waiting that ends with the caller's signal.

/** Rejects with the signal's reason. */
export function pause(millis: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, millis);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The longest that setTimeout takes. */
const LONGEST_MILLIS = 2 ** 31 - 1;

/** A timer that starts, or starts anew, with `restart`. Infinity never fires. */
export function countdown(millis: number, onEnd: () => void): { restart(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => clearTimeout(timer);
  const restart = (): void => {
    stop();
    if (millis <= LONGEST_MILLIS) timer = setTimeout(onEnd, Math.max(0, millis));
  };
  return { restart, stop };
}
