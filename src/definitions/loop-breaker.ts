// Ends a loop of the main thread that never lets a timer run, such as `for (;;) {}` at the top of a module: a thread beside
// it, with an inspector, terminates what runs there. Whatever awaited the code that was terminated goes on waiting. A process
// that has async hooks ends with an assertion of Node instead.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Main thread to its breaker, which says it back: when to terminate, or null where there is no need any more. */
export interface Armed {
  readonly afterMillis: number | null;
}

let breaker: Worker | undefined;

/** Terminates what the main thread runs after so long, until it is disposed. Keeps no process alive afterwards. */
export async function breakLoopsAfter(afterMillis: number): Promise<Disposable> {
  breaker ??= new Worker(new URL('./loop-breaker-thread.ts', import.meta.url), { execArgv: [] });
  const thread = breaker;
  const tell = (armed: Armed): void => thread.postMessage(armed);
  thread.ref();
  tell({ afterMillis });
  // A thread cannot start while the main one loops.
  await once(thread, 'message');
  thread.unref();
  return { [Symbol.dispose]: () => tell({ afterMillis: null }) };
}
