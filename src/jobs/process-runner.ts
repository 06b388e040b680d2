// Runs each job in a process of its own: the engine takes half of the memory of the machine and store commits block, and
// lookups must not wait for either. A process that the system kills takes its job with it, not the server.
import { type ChildProcess, fork } from 'node:child_process';
import { PlumbError } from '../../schemas/errors.ts';
import type { JobOutcome, JobRunner, JobWork, OnProgress } from './job.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

export interface ProcessRunnerOptions {
  /** The program and its arguments; it has to end up in `serveJob`. */
  readonly program: string;
  readonly args: readonly string[];
  /** From the request to cancel to SIGTERM, and from there to SIGKILL. */
  readonly graceMillis?: number;
}

const GRACE_MILLIS = 5000;

export const runInProcess = ({ program, args, graceMillis = GRACE_MILLIS }: ProcessRunnerOptions): JobRunner => ({
  run: async (work, onProgress, signal) => {
    const child = fork(program, args, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    using _stopping = stopOnAbort(child, signal, graceMillis);
    return await answerOf(child, work, onProgress, signal);
  },
});

/** Settles when the process has ended, so that what it held is free. */
function answerOf(
  child: ChildProcess,
  work: JobWork,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<JobOutcome>();
  let answer: (() => void) | null = null;
  child.on('message', (message: FromWorker) => {
    if (message.type === 'progress') return onProgress(message.progress);
    answer =
      message.type === 'done'
        ? () => resolve(message.outcome)
        : () => reject(new PlumbError(message.error.code, message.error.message, { details: message.error.details }));
  });
  child.once('error', (cause) => reject(didNotAnswer(`does not start: ${cause.message}`, cause)));
  child.once('exit', (code, killedBy) => {
    if (answer !== null) return answer();
    if (signal.aborted) return reject(new PlumbError('CANCELLED', 'the job was cancelled'));
    reject(didNotAnswer(killedBy === null ? `ended with ${code}` : `was ended by ${killedBy}`));
  });
  say(child, { type: 'run', work });
  return promise;
}

const didNotAnswer = (how: string, cause?: unknown): PlumbError =>
  new PlumbError(
    'INTERRUPTED',
    `the process of the job ${how} before the job was done: ask again; if it was out of memory, lower engine.memoryLimit`,
    { cause },
  );

function stopOnAbort(child: ChildProcess, signal: AbortSignal, graceMillis: number): Disposable {
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => {
    say(child, { type: 'cancel' });
    timers.push(setTimeout(() => child.kill('SIGTERM'), graceMillis));
    timers.push(setTimeout(() => child.kill('SIGKILL'), 2 * graceMillis));
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', stop);
      timers.forEach(clearTimeout);
    },
  };
}

/** Where the process has gone, its exit tells the rest. */
function say(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {});
}
