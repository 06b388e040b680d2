// The side of the worker process: one job or one explanation, then the end. When the server goes away, the job is cancelled.
import { constants, setPriority } from 'node:os';
import { asPlumbError, errorData, PlumbError } from '../../schemas/errors.ts';
import type { Explaining } from './explanations.ts';
import type { JobRunner } from './job.ts';
import { ALIVE_MILLIS, type FromWorker, type ToWorker } from './worker-messages.ts';

/** Progress is told four times a second at most. */
const PROGRESS_MILLIS = 250;

/** `stop` aborts where somebody else tells this process to end. `onDefect` is told what no client may read. */
export async function serveJob(
  runner: JobRunner & Explaining,
  stop: AbortSignal,
  onDefect: (error: unknown) => void,
): Promise<void> {
  if (process.send === undefined)
    throw new PlumbError('INVALID_REQUEST', 'job-worker is started by `plumb serve`, not by hand');
  yieldToLookups();
  const alive = setInterval(() => void say({ type: 'alive' }), ALIVE_MILLIS).unref();
  const cancel = new AbortController();
  process.on('disconnect', () => cancel.abort());
  const work = await new Promise<Extract<ToWorker, { type: 'run' }>['work']>((resolve, reject) => {
    process.on('message', (message: ToWorker) => {
      if (message.type === 'run') resolve(message.work);
      else cancel.abort();
    });
    process.on('disconnect', () => reject(new PlumbError('CANCELLED', 'the server went away')));
  });
  const signal = AbortSignal.any([stop, cancel.signal]);
  const run = () =>
    work.kind === 'explanation' ? runner.explain(work.request, signal) : runner.run(work, everySoOften(), signal);
  await say(await answerOf(run, onDefect));
  clearInterval(alive);
  if (process.connected) process.disconnect();
}

async function answerOf(
  run: () => ReturnType<JobRunner['run'] | Explaining['explain']>,
  onDefect: (error: unknown) => void,
): Promise<FromWorker> {
  try {
    return { type: 'done', outcome: await run() };
  } catch (error) {
    if (!(error instanceof PlumbError)) onDefect(error);
    return { type: 'failed', error: errorData(asPlumbError(error)) };
  }
}

/** Threads that start later inherit it. Where the system does not allow it, jobs compete as equals. */
function yieldToLookups(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {}
}

function everySoOften(): Parameters<JobRunner['run']>[1] {
  let toldAtMillis = 0;
  let told = '';
  return (progress) => {
    const step = `${progress.view} ${progress.phase}`;
    if (step === told && Date.now() - toldAtMillis < PROGRESS_MILLIS) return;
    toldAtMillis = Date.now();
    told = step;
    void say({ type: 'progress', progress });
  };
}

/** Resolves when it is sent; a server that went away hears nothing. */
const say = (message: FromWorker): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(message, undefined, {}, () => resolve());
  });
