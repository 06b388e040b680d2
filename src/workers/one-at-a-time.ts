// One piece of work at a time, for any number of callers: what many ask for at once is not done many times.

/**
 * Each call returns the result of a run that began after the call: the one that is under way may have looked too early, so those
 * who come meanwhile share the next one.
 */
export function oneAtATime<T>(run: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= current.then(() => {
      const started = run();
      next = null;
      current = started.catch(() => undefined);
      return started;
    });
    return next;
  };
}
