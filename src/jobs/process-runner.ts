// Runs each job in a process of its own: the engine takes half of the memory of the machine and store commits block, and
// lookups must not wait for either. A process that the system kills takes its job with it, not the server.
import { type ChildProcess, fork } from 'node:child_process';
import { PlumbError } from '../../schemas/errors.ts';
import { didNotAnswer, type Ended, endedBy } from './did-not-answer.ts';
import type { Explaining } from './explanations.ts';
import type { JobOutcome, JobRunner, OnProgress } from './job.ts';
import { outOfMemoryKills } from './out-of-memory-kills.ts';
import { Watchdog, type WatchdogLimits } from './watchdog.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages.ts';

export interface ProcessRunnerOptions extends WatchdogLimits {
  /** The program and its arguments; it has to end up in `serveJob`. */
  readonly program: string;
  readonly args: readonly string[];
  /** From the request to cancel, or from the answer, to SIGTERM; and from there to SIGKILL. */
  readonly graceMillis?: number;
}

const GRACE_MILLIS = 5000;

export const runInProcess = (options: ProcessRunnerOptions): JobRunner => ({
  run: async (work, onProgress, signal) => (await inProcess(options, { work, onProgress }, signal)) as JobOutcome,
});

export const explainInProcess = (options: ProcessRunnerOptions): Explaining => ({
  explain: async (request, signal) =>
    (await inProcess(options, { work: { kind: 'explanation', request }, onProgress: () => {} }, signal)) as string,
});

interface Task {
  readonly work: WorkerTask;
  readonly onProgress: OnProgress;
}

async function inProcess(options: ProcessRunnerOptions, task: Task, signal: AbortSignal): Promise<JobOutcome | string> {
  const { program, args, graceMillis = GRACE_MILLIS } = options;
  const killsBefore = await outOfMemoryKills();
  const child = fork(program, args, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  using ending = new Ending(child, graceMillis);
  using _stopping = stopOnAbort(child, signal, ending);
  using watchdog = new Watchdog(options, () => child.kill('SIGKILL'));
  child.on('message', () => watchdog.sawLife());
  const answer = await answerOf(child, task, ending);
  if (answer.type === 'done') return answer.outcome;
  if (answer.type === 'failed') throw new PlumbError(answer.error.code, answer.error.message, answer.error);
  if (watchdog.failure !== null) throw watchdog.failure;
  if (signal.aborted) throw new PlumbError('CANCELLED', 'the job was cancelled');
  throw didNotAnswer(answer, killsBefore !== null && ((await outOfMemoryKills()) ?? 0) > killsBefore);
}

type Answer = Extract<FromWorker, { readonly type: 'done' | 'failed' }> | Ended;

/** Settles when the process has ended, so that what it held is free. */
function answerOf(child: ChildProcess, { work, onProgress }: Task, ending: Ending): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  let answer: Answer | null = null;
  child.on('message', (message: FromWorker) => {
    if (message.type === 'alive') return;
    if (message.type === 'progress') return onProgress(message.progress);
    ending.begin();
    answer = message;
  });
  child.once('error', (cause) => resolve({ type: 'ended', how: `does not start: ${cause.message}`, cause }));
  child.once('exit', (code, killedBy) => resolve(answer ?? endedBy(code, killedBy)));
  say(child, { type: 'run', work });
  return promise;
}

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
