// Ends a loop of the main thread that never lets a timer run, such as `for (;;) {}` at the top of a module: a thread beside
// it, with an inspector, terminates what runs there. Whatever awaited the code that was terminated goes on waiting. Where the
// loop runs in a callback, or the process has async hooks, Node ends the process instead: it does not loop on, but says it in
// words of its own.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ownModule } from '../own-module.ts';

/** Main thread to its breaker, which says it back: when to terminate, or null where there is no need any more. */
export interface Armed {
  readonly afterMillis: number | null;
}

let breaker: Worker | undefined;

/** Terminates what the main thread runs after so long, until it is disposed. Keeps no process alive afterwards. */
export async function breakLoopsAfter(afterMillis: number): Promise<Disposable> {
  breaker ??= started();
  const thread = breaker;
  const tell = (armed: Armed): void => thread.postMessage(armed);
  thread.ref();
  tell({ afterMillis });
  // A thread cannot start while the main one loops.
  await once(thread, 'message');
  thread.unref();
  return { [Symbol.dispose]: () => tell({ afterMillis: null }) };
}

/** A thread that ended is replaced by the next call; `once` rejects with its error. */
function started(): Worker {
  const thread = new Worker(ownModule('./loop-breaker-thread', import.meta.url), { execArgv: [] });
  thread.once('exit', () => {
    breaker = undefined;
  });
  return thread;
}
