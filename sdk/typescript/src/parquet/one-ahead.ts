// Lets a source work on its next item while the last one is used, and no further.

/** `source` gets a signal that also ends when the loop ends early, so that nothing is fetched for nobody. */
export async function* oneAhead<T>(
  signal: AbortSignal | undefined,
  source: (signal: AbortSignal) => AsyncGenerator<T>,
): AsyncGenerator<T, void, undefined> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort, { once: true });
  const items = source(controller.signal);
  const start = (): Promise<IteratorResult<T, unknown>> => {
    const next = items.next();
    // The reader that takes the item gets the failure; until then it must not count as an unhandled rejection.
    next.catch(() => {});
    return next;
  };
  try {
    for (let next = start(); ; ) {
      const { done, value } = await next;
      if (done === true) return;
      next = start();
      yield value as T;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    controller.abort();
    await items.return(undefined).catch(() => {});
  }
}
