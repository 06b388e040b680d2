// The explanations of a server, for its workers: both ends of the calls. A call that its worker does not wait for any more is
// stopped by its number.
import type { Explaining } from '../jobs/explanations.ts';
import type { ExplanationFunctions } from './agreement.ts';
import type { Remote } from './calls.ts';

/** In the primary, for one worker. Disposing, once the worker is gone, stops what it asked for. */
export function explanationsForWorker(
  explaining: Explaining,
): { readonly functions: ExplanationFunctions } & Disposable {
  const asked = new Map<number, AbortController>();
  const functions: ExplanationFunctions = {
    async explain(call, request) {
      const stop = new AbortController();
      asked.set(call, stop);
      try {
        return await explaining.explain(request, stop.signal);
      } finally {
        asked.delete(call);
      }
    },
    stopExplaining: (call) => asked.get(call)?.abort(),
  };
  const dispose = (): void => {
    for (const stop of asked.values()) stop.abort();
  };
  return { functions, [Symbol.dispose]: dispose };
}

/** In a worker. */
export function explanationsOfPrimary(primary: Remote<ExplanationFunctions>): Explaining {
  let calls = 0;
  return {
    async explain(request, signal) {
      calls += 1;
      const call = calls;
      const stop = (): void => void primary.stopExplaining(call);
      const answer = primary.explain(call, request);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await answer;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
