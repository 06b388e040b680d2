// The primary, as a worker sees it.
import { PlumbError } from '../../schemas/errors.ts';
import type { PrimaryFunctions, WorkerFunctions } from './agreement.ts';
import { Calls, type Remote } from './calls.ts';

export interface PrimaryOptions {
  /** What the primary may ask of this process. */
  readonly functions: WorkerFunctions;
  readonly onDefect: (error: unknown) => void;
  /** The primary has gone, or has let this process go. */
  readonly onGone: () => void;
}

export function connectToPrimary({ functions, onDefect, onGone }: PrimaryOptions): Remote<PrimaryFunctions> {
  if (process.send === undefined)
    throw new PlumbError('INVALID_REQUEST', 'serve-worker is started by `plumb serve`, not by hand');
  const send = (message: object): void => {
    if (process.connected) process.send?.(message, undefined, {}, () => {});
  };
  const calls = new Calls<WorkerFunctions, PrimaryFunctions>({ functions, send, onDefect });
  process.on('message', (message: object) => calls.receive(message));
  process.on('disconnect', onGone);
  return calls.remote;
}
