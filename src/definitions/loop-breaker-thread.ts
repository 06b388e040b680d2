// The thread beside the main one, see loop-breaker.ts.
import { Session } from 'node:inspector';
import { parentPort } from 'node:worker_threads';
import type { Armed } from './loop-breaker.ts';

let timer: NodeJS.Timeout | undefined;

parentPort?.on('message', (armed: Armed) => {
  clearTimeout(timer);
  if (armed.afterMillis === null) return;
  timer = setTimeout(terminate, armed.afterMillis);
  parentPort?.postMessage(armed);
});

function terminate(): void {
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.terminateExecution', () => session.disconnect());
}
