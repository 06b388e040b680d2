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
  /** From the request to cancel, or from the answer, to SIGTERM; and from there to SIGKILL. */
  readonly graceMillis?: number;
}

const GRACE_MILLIS = 5000;

export const runInProcess = ({ program, args, graceMillis = GRACE_MILLIS }: ProcessRunnerOptions): JobRunner => ({
  run: async (work, onProgress, signal) => {
    const child = fork(program, args, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    using ending = new Ending(child, graceMillis);
    using _stopping = stopOnAbort(child, signal, ending);
    return await answerOf(child, work, onProgress, signal, ending);
  },
});

/** Settles when the process has ended, so that what it held is free. */
function answerOf(
  child: ChildProcess,
  work: JobWork,
  onProgress: OnProgress,
  signal: AbortSignal,
  ending: Ending,
): Promise<JobOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<JobOutcome>();
  let answer: (() => void) | null = null;
  child.on('message', (message: FromWorker) => {
    if (message.type === 'progress') return onProgress(message.progress);
    ending.begin();
    answer =
      message.type === 'done'
        ? () => resolve(message.outcome)
        : () => reject(new PlumbError(message.error.code, message.error.message, message.error));
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

/** A process that has to end but does not is told to, then made to: one that hangs may not keep the place of the next job. */
class Ending implements Disposable {
  readonly #child: ChildProcess;
  readonly #graceMillis: number;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(child: ChildProcess, graceMillis: number) {
    this.#child = child;
    this.#graceMillis = graceMillis;
  }

  begin(): void {
    if (this.#timers.length > 0) return;
    this.#timers.push(setTimeout(() => this.#child.kill('SIGTERM'), this.#graceMillis));
    this.#timers.push(setTimeout(() => this.#child.kill('SIGKILL'), 2 * this.#graceMillis));
  }

  [Symbol.dispose](): void {
    this.#timers.forEach(clearTimeout);
  }
}

function stopOnAbort(child: ChildProcess, signal: AbortSignal, ending: Ending): Disposable {
  const stop = (): void => {
    say(child, { type: 'cancel' });
    ending.begin();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', stop) };
}

/** Where the process has gone, its exit tells the rest. */
function say(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {});
}
