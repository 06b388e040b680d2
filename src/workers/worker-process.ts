// One worker, as the primary sees it: its process, how far it is, and what it measured last.
import type { ChildProcess } from 'node:child_process';
import { type ErrorData, PlumbError } from '../../schemas/errors.ts';
import type { Explaining } from '../jobs/explanations.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { soonOr } from '../soon-or.ts';
import type { Snapshot } from '../telemetry/telemetry.ts';
import type { ExplanationFunctions, JobFunctions, PrimaryFunctions, WorkerFunctions } from './agreement.ts';
import { Calls, type Remote } from './calls.ts';
import { explanationsForWorker } from './shared-explanations.ts';
import { jobsForWorker } from './shared-jobs.ts';

export interface WorkerProcessOptions {
  /** From 1; the one that takes the place of another has its number. */
  readonly number: number;
  readonly child: ChildProcess;
  readonly jobs: JobQueue;
  readonly explaining: Explaining;
  readonly metrics: () => Promise<string>;
  readonly onDefect: (error: unknown) => void;
  /** It announced itself, or is ready. */
  readonly onProgress: () => void;
}

const SNAPSHOT_MILLIS = 1000;

export class WorkerProcess {
  readonly number: number;
  readonly #child: ChildProcess;
  readonly #calls: Calls<PrimaryFunctions, WorkerFunctions>;
  #snapshot: Snapshot = { metrics: [], ofProcess: null };
  #readyAtMillis: number | null = null;
  #isListening = false;
  #isAnnounced = false;
  #failure: PlumbError | null = null;
  #silentLooks = 0;
  /** Resolves with how it ended: `ended with 1`, `was ended by SIGKILL`. */
  readonly ended: Promise<string>;

  constructor({ number, child, jobs, explaining, metrics, onDefect, onProgress }: WorkerProcessOptions) {
    this.number = number;
    this.#child = child;
    const [sharedJobs, sharedExplanations] = [jobsForWorker(jobs), explanationsForWorker(explaining)];
    const shared = { ...sharedJobs.functions, ...sharedExplanations.functions };
    this.#calls = new Calls({ functions: this.#functions(shared, metrics, onProgress), send, onDefect });
    child.on('message', (message: object) => this.#calls.receive(message));
    this.ended = endOf(child).finally(() => {
      this.#calls.close(new PlumbError('INTERRUPTED', `worker ${number} has ended`));
      sharedJobs[Symbol.dispose]();
      sharedExplanations[Symbol.dispose]();
    });
    function send(message: object): void {
      if (child.connected) child.send(message, () => {});
    }
  }

  get remote(): Remote<WorkerFunctions> {
    return this.#calls.remote;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /** null where it is not ready yet. */
  get readyForMillis(): number | null {
    return this.#readyAtMillis === null ? null : performance.now() - this.#readyAtMillis;
  }

  /** What it said before it ended. */
  get failure(): PlumbError | null {
    return this.#failure;
  }

  /** The newest that is known. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Asks for a newer one; one that does not answer soon is known by its last one. */
  async refreshSnapshot(): Promise<void> {
    const fresh = await soonOr(this.remote.snapshot(), null, SNAPSHOT_MILLIS).catch(() => null);
    if (fresh !== null) this.#snapshot = fresh;
  }

  /** How many times in a row this was asked without a sign of life in between. */
  countSilentLooks(): number {
    this.#silentLooks += 1;
    return this.#silentLooks;
  }

  /** Resolves when it has ended; one that takes too long is killed. */
  async drain(withinMillis: number): Promise<'drained' | 'killed'> {
    const drained = this.remote.drain().then(
      () => 'drained' as const,
      () => 'drained' as const,
    );
    const how = await soonOr(drained, 'killed' as const, withinMillis);
    if (how === 'killed') this.kill();
    if (this.#child.connected) this.#child.disconnect();
    await this.ended;
    return how;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #functions(
    shared: JobFunctions & ExplanationFunctions,
    metrics: () => Promise<string>,
    onProgress: () => void,
  ): PrimaryFunctions {
    return {
      ...shared,
      metrics,
      listening: () => {
        this.#isListening = true;
      },
      announce: () => {
        this.#isAnnounced = true;
        this.#silentLooks = 0;
        onProgress();
      },
      ready: () => {
        this.#readyAtMillis = performance.now();
        onProgress();
      },
      failed: (error: ErrorData) => {
        this.#failure = new PlumbError(error.code, error.message, error);
      },
      alive: (snapshot) => {
        this.#silentLooks = 0;
        this.#snapshot = { metrics: snapshot.metrics, ofProcess: snapshot.ofProcess ?? this.#snapshot.ofProcess };
      },
    };
  }
}

function endOf(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('error', (cause) => resolve(`does not start: ${cause.message}`));
  child.once('exit', (code, signal) => resolve(signal === null ? `ended with ${code}` : `was ended by ${signal}`));
  return promise;
}
