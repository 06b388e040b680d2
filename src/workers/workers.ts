// The workers of one server, in the primary: starts them, starts others in the place of those that end, and adds up what they
// measure. Each listens on the same port (SO_REUSEPORT), and the system shares connections out: the primary touches none.
import type { ChildProcess } from 'node:child_process';
import { PlumbError } from '../../schemas/errors.ts';
import type { Explaining } from '../jobs/explanations.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { ProcessTotals, Telemetry } from '../telemetry/telemetry.ts';
import type { WorkerSettings } from './agreement.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { MOST_FAILED_STARTS, Restarts } from './restarts.ts';
import { WorkerProcess } from './worker-process.ts';

export interface WorkersLogger {
  info(context: object, message: string): void;
  error(context: object, message: string): void;
}

export interface WorkersOptions {
  readonly count: number;
  readonly settings: Omit<WorkerSettings, 'listensAtOnce'>;
  readonly fork: (number: number) => ChildProcess;
  readonly jobs: JobQueue;
  readonly explaining: Explaining;
  /** Of the primary. */
  readonly telemetry: Telemetry;
  readonly totals: ProcessTotals;
  readonly logger: WorkersLogger;
}

interface Place {
  readonly number: number;
  readonly restarts: Restarts;
  worker: WorkerProcess | null;
  nextStart: NodeJS.Timeout | null;
}

type EndedWorker = Pick<WorkerProcess, 'number' | 'pid' | 'failure' | 'readyForMillis'>;

const LOOK_MILLIS = 1000;
/** Workers show life every second. Looks are counted, not the clock: a machine that slept has one look behind it. */
const MOST_SILENT_LOOKS = 15;
/** Until it is announced: many that start on few cores take long to load, and must not be killed for it over and over. */
const MOST_LOOKS_TO_START = 300;

export class Workers implements AsyncDisposable {
  readonly #options: WorkersOptions;
  readonly #places: readonly Place[];
  readonly #looks: NodeJS.Timeout;
  readonly #announced = Promise.withResolvers<void>();
  readonly #gaveUp = Promise.withResolvers<never>();
  readonly #metrics = oneAtATime(() => this.#sumUp());
  #wereAllReady = false;
  #isStopping = false;
  #ends = 0;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#gaveUp.promise.catch(() => undefined);
    this.#places = Array.from({ length: options.count }, (_, i) => {
      return { number: i + 1, restarts: new Restarts(), worker: null, nextStart: null };
    });
    this.#measure(options.telemetry);
    this.#looks = setInterval(() => this.#look(), LOOK_MILLIS).unref();
    for (const place of this.#places) this.#start(place);
  }

  /** Resolves once each worker answers, or knows that it has to wait and says why. */
  get announced(): Promise<void> {
    return this.#announced.promise;
  }

  /** Rejects where the server cannot go on: with the reason that a worker gave, or with how often workers ended. */
  get gaveUp(): Promise<never> {
    return this.#gaveUp.promise;
  }

  /** Each answers what has arrived, then ends; who takes longer is made to. */
  async drain(withinMillis: number): Promise<void> {
    this.#stop();
    const drain = async (worker: WorkerProcess): Promise<void> => {
      if ((await worker.drain(withinMillis)) === 'drained') return;
      const message = 'worker did not end in time and is ended: requests that it had are cut off';
      this.#options.logger.error({ worker: worker.number, pid: worker.pid }, message);
    };
    await Promise.all(this.#living().map(drain));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    for (const worker of this.#living()) worker.kill();
    await Promise.all(this.#living().map(({ ended }) => ended));
  }

  #stop(): void {
    this.#isStopping = true;
    clearInterval(this.#looks);
    for (const { nextStart } of this.#places) if (nextStart !== null) clearTimeout(nextStart);
  }

  #living(): readonly WorkerProcess[] {
    return this.#places.flatMap(({ worker }) => worker ?? []);
  }

  /** Where the system has no memory for another process, `fork` throws: that is an end like others. */
  #start(place: Place): void {
    const { number } = place;
    place.nextStart = null;
    let child: ChildProcess;
    try {
      child = this.#options.fork(number);
    } catch (cause) {
      const how = `does not start: ${cause instanceof Error ? cause.message : cause}`;
      this.#startAgain(place, { number, pid: undefined, failure: null, readyForMillis: null }, how);
      return;
    }
    this.#lookAfter(place, child);
  }

  #lookAfter(place: Place, child: ChildProcess): void {
    const { jobs, explaining, settings, logger } = this.#options;
    const worker = new WorkerProcess({
      number: place.number,
      ...{ child, jobs, explaining },
      metrics: this.#metrics,
      onDefect: (err) => logger.error({ err, worker: place.number }, 'internal error'),
      onProgress: () => this.#progressed(),
    });
    logger.info({ worker: place.number, pid: worker.pid }, 'worker started');
    void worker.remote.serve({ ...settings, listensAtOnce: !this.#living().some((other) => other.isListening) });
    if (this.#wereAllReady) void worker.remote.serverIsReady();
    place.worker = worker;
    void worker.ended.then((how) => this.#ended(place, worker, how));
  }

  #progressed(): void {
    const all = this.#living();
    if (all.length < this.#places.length) return;
    if (all.every(({ isAnnounced }) => isAnnounced)) this.#announced.resolve();
    if (this.#wereAllReady || all.some(({ readyForMillis }) => readyForMillis === null)) return;
    this.#wereAllReady = true;
    for (const { remote } of all) void remote.serverIsReady();
    this.#options.logger.info({ workers: all.length }, 'ready');
  }

  #ended(place: Place, worker: WorkerProcess, how: string): void {
    place.worker = null;
    this.#options.totals.ended(worker.snapshot);
    if (this.#isStopping) return;
    this.#ends += 1;
    // As where there is one process: what does not pass by itself ends the start.
    if (!this.#wereAllReady && worker.failure !== null) this.#giveUp(worker.failure);
    else this.#startAgain(place, worker, how);
  }

  #startAgain(place: Place, worker: EndedWorker, how: string): void {
    const { readyForMillis } = worker;
    const othersAnswer = this.#wereAllReady && this.#living().some((other) => other.readyForMillis !== null);
    const pauseMillis = place.restarts.pauseMillis({ readyForMillis, othersAnswer });
    if (pauseMillis === null) {
      this.#giveUp(this.#endedTooOften(worker, how));
      return;
    }
    const context = { worker: place.number, pid: worker.pid, reason: worker.failure?.message };
    this.#options.logger.error(
      { ...context, pauseMillis: Math.round(pauseMillis) },
      `worker ${how}; another one takes its place`,
    );
    place.nextStart = setTimeout(() => this.#start(place), pauseMillis);
  }

  #endedTooOften({ number, failure }: EndedWorker, how: string): PlumbError {
    const found = `worker ${number} ended ${MOST_FAILED_STARTS} times in a row before it was ready, and no other one answers`;
    const why = failure === null ? `the last one ${how}; the log of the system may say why` : failure.message;
    return new PlumbError(failure?.code ?? 'INTERRUPTED', `${found}: ${why}`, failure ?? {});
  }

  #giveUp(reason: PlumbError): void {
    this.#stop();
    this.#gaveUp.reject(reason);
  }

  #look(): void {
    for (const worker of this.#living()) {
      const mostLooks = worker.isAnnounced ? MOST_SILENT_LOOKS : MOST_LOOKS_TO_START;
      if (worker.countSilentLooks() !== mostLooks) continue;
      const { number, pid } = worker;
      const message = `worker is stuck: no sign of life for ${(mostLooks * LOOK_MILLIS) / 1000} s; it is ended`;
      this.#options.logger.error({ worker: number, pid }, message);
      worker.kill();
    }
  }

  /** A worker that ends while others are asked is counted once: the living and the dead are told apart at one moment. */
  async #sumUp(): Promise<string> {
    const { telemetry, totals } = this.#options;
    await Promise.all(this.#living().map((worker) => worker.refreshSnapshot()));
    const own = await telemetry.snapshot('all');
    return await totals.text([own, ...this.#living().map(({ snapshot }) => snapshot)]);
  }

  #measure(telemetry: Telemetry): void {
    const answering = () => this.#living().filter(({ readyForMillis }) => readyForMillis !== null).length;
    telemetry.gauge({
      name: 'plumb_workers',
      help: 'Workers of this server that are ready.',
      collect: () => [{ labels: {}, value: answering() }],
    });
    telemetry.readCounter({
      name: 'plumb_worker_ends_total',
      help: 'Workers that ended without being told to; others took their place.',
      collect: () => [{ labels: {}, value: this.#ends }],
    });
  }
}
