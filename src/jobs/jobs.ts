// The jobs of one server: so many at a time, so many waiting, each with a record that every server on the storage can
// read and that outlives this process.
//
// A server with jobs says every two seconds that it is alive. Where it stopped saying so, its jobs read as INTERRUPTED, and
// the next server that notices writes that down and removes what they had uploaded.
import { randomUUID } from 'node:crypto';
import { PlumbError } from '../../schemas/errors.ts';
import type { DatasetJob, Job, MaterializationJob, WireError } from '../../schemas/wire-types.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { ObjectStore } from '../offline/object-store.ts';
import { isEnded, type JobKind, type JobOutcome, type JobRunner, type JobWork } from './job.ts';
import { newJobId } from './job-id.ts';
import { type JobRecord, JobRecords, type LabelEnding } from './job-records.ts';

export interface JobsOptions {
  readonly store: ObjectStore;
  readonly runner: JobRunner;
  readonly concurrentJobs: number;
  readonly queuedJobs: number;
  readonly logger: JobsLogger;
  readonly onEnded?: (job: Job) => void;
  readonly heartbeatMillis?: number;
  /** Without a sign of life for so long, a server counts as dead. Clocks of servers may differ by less than that. */
  readonly deadAfterMillis?: number;
}

export interface JobsLogger {
  info(context: object, message: string): void;
  error(context: object, message: string): void;
}

/** Uploaded labels, a local file that is moved away. */
export interface UploadedLabels {
  readonly localPath: string;
  readonly ending: LabelEnding;
}

export type NewJob =
  | {
      readonly kind: 'dataset';
      readonly request: DatasetJob['request'];
      readonly work: Extract<JobWork, { readonly kind: 'dataset' }>;
      /** Take the place of `labelsPath`. */
      readonly labels: UploadedLabels | null;
    }
  | {
      readonly kind: 'materialization';
      readonly request: MaterializationJob['request'];
      readonly work: Extract<JobWork, { readonly kind: 'materialization' }>;
    };

interface LiveJob {
  job: Job;
  readonly work: JobWork;
  readonly cancel: AbortController;
  /** The record in the storage is older than `job`. */
  changed: boolean;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
}

const HEARTBEAT_MILLIS = 2000;
const DEAD_AFTER_MILLIS = 15_000;
const STOPPED = 'the server was stopped';

export class Jobs implements AsyncDisposable {
  readonly #options: JobsOptions;
  readonly #records: JobRecords;
  readonly #server = randomUUID();
  /** Those whose end is not recorded yet. */
  readonly #live = new Map<string, LiveJob>();
  readonly #waiting: LiveJob[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #deadAfterMillis: number;
  readonly #timer: NodeJS.Timeout;
  #presence: Promise<void> = Promise.resolve();
  #beating: Promise<void> | null = null;
  #missedBecause: string | null = null;
  #sweptAtMillis = 0;
  /** For jobs that are on their way, uploads among them. */
  readonly #places = new Set<Disposable>();
  #creating = 0;
  #refusing = false;
  #stopping = false;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#records = new JobRecords(options.store);
    this.#deadAfterMillis = options.deadAfterMillis ?? DEAD_AFTER_MILLIS;
    this.#timer = setInterval(() => void this.#beat(), options.heartbeatMillis ?? HEARTBEAT_MILLIS).unref();
    void this.#beat();
  }

  /** A place for one job, until it is disposed of: taken before an upload is read. TOO_MANY_REQUESTS where there is none. */
  reserve(): Disposable {
    this.#requireOpen();
    const { concurrentJobs, queuedJobs } = this.#options;
    if (this.#waiting.length + this.#running.size + this.#places.size >= concurrentJobs + queuedJobs) {
      const message = `${queuedJobs} jobs are waiting already: try again when some are done, or raise server.limits.queuedJobs`;
      throw new PlumbError('TOO_MANY_REQUESTS', message, { details: { limit: 'queuedJobs', queuedJobs } });
    }
    const place: Disposable = { [Symbol.dispose]: () => void this.#places.delete(place) };
    this.#places.add(place);
    return place;
  }

  /** Answers the queued job once its record is durable; its place is taken over. */
  async create(wanted: NewJob, place: Disposable = this.reserve()): Promise<Job> {
    using _taken = place;
    this.#requireOpen();
    this.#creating++;
    try {
      return await this.#enqueue(wanted, newJobId(wanted.kind));
    } finally {
      this.#creating--;
      this.#startNext();
    }
  }

  /** UNKNOWN_NAME where there is no such job. */
  async get(id: string): Promise<Job> {
    return (await this.#find(id)).job;
  }

  /** Answers the job as it is then: ended, or stopping. */
  async cancel(id: string): Promise<Job> {
    const live = this.#live.get(id);
    if (live !== undefined) {
      await this.#cancelLive(live, 'the job was cancelled');
      return live.job;
    }
    const record = await this.#find(id);
    if (!isEnded(record.job.status)) await this.#records.askToCancel(record);
    return record.job;
  }

  /** Newest first, those after the id `after`. */
  async page(kind: JobKind, limit: number, after: string | null): Promise<JobPage> {
    const ids = (await this.#records.ids(kind)).filter((id) => after === null || id < after);
    const records = await this.#records.readAll(ids.slice(0, limit));
    const jobs = records.map(async (record) => this.#live.get(record.job.id)?.job ?? (await this.#judged(record)).job);
    return { jobs: await Promise.all(jobs), hasMore: ids.length > limit };
  }

  /** Of this server: jobs that have not ended. */
  active(): readonly Job[] {
    return [...this.#live.values()].map(({ job }) => job).filter(({ status }) => !isEnded(status));
  }

  /** What runs and waits goes on. */
  refuseNew(): void {
    this.#refusing = true;
  }

  /** Cancels what runs or waits, and resolves when that is recorded. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#refusing = true;
    this.#stopping = true;
    clearInterval(this.#timer);
    const cancelled = [...this.#live.values()].map((live) => this.#cancelLive(live, STOPPED));
    await Promise.allSettled([...cancelled, ...this.#running]);
    await this.#beating;
    await this.#beat();
  }

  #requireOpen(): void {
    if (this.#refusing) throw new PlumbError('DRAINING', 'the server is about to stop and takes no new jobs');
  }

  async #enqueue(wanted: NewJob, id: string): Promise<Job> {
    await this.#present(() => this.#records.beat(this.#server, Date.now()));
    const live: LiveJob = {
      job: newJob(wanted, id),
      work: await this.#workOf(wanted, id),
      cancel: new AbortController(),
      changed: false,
    };
    try {
      await this.#records.write({ owner: this.#server, job: live.job });
    } catch (error) {
      await this.#removeLabels(id);
      throw error;
    }
    this.#live.set(id, live);
    this.#waiting.push(live);
    if (this.#stopping) await this.#cancelLive(live, STOPPED);
    void this.#records.prune().catch((err) => this.#options.logger.error({ err }, 'old job records stay'));
    return live.job;
  }

  async #workOf(wanted: NewJob, id: string): Promise<JobWork> {
    if (wanted.kind !== 'dataset' || wanted.labels === null) return wanted.work;
    const { localPath, ending } = wanted.labels;
    const labelsPath = await this.#records.keepLabels(id, localPath, ending);
    return { kind: 'dataset', request: { ...wanted.work.request, labelsPath } };
  }

  #startNext(): void {
    while (!this.#stopping && this.#running.size < this.#options.concurrentJobs) {
      const live = this.#waiting.shift();
      if (live === undefined) return;
      const done = this.#run(live).finally(() => {
        this.#running.delete(done);
        this.#startNext();
      });
      this.#running.add(done);
    }
  }

  async #run(live: LiveJob): Promise<void> {
    const { logger, runner } = this.#options;
    live.job = { ...live.job, status: 'running', startedAt: formatInstant(nowMicros()) };
    logger.info({ job: live.job.id }, 'job started');
    live.changed = true;
    await this.#record(live);
    try {
      const onProgress = (progress: Job['progress']): void => {
        live.job = { ...live.job, progress };
        live.changed = true;
      };
      await this.#end(live, endedBy(await runner.run(live.work, onProgress, live.cancel.signal)));
    } catch (error) {
      if (!(error instanceof PlumbError)) logger.error({ err: error, job: live.job.id }, 'internal error');
      await this.#end(live, failedBy(error, live.cancel.signal));
    }
  }

  async #end(live: LiveJob, end: End): Promise<void> {
    live.job = { ...live.job, ...end, finishedAt: formatInstant(nowMicros()) } as Job;
    live.changed = true;
    this.#options.logger.info({ job: live.job.id, status: end.status, code: end.error?.code }, 'job ended');
    this.#options.onEnded?.(live.job);
    await this.#removeLabels(live.job.id);
    await this.#record(live);
    await this.#restWhenIdle().catch((err) => this.#options.logger.error({ err }, 'a sign of life stays'));
  }

  async #cancelLive(live: LiveJob, reason: string): Promise<void> {
    if (isEnded(live.job.status)) return;
    const waits = this.#waiting.indexOf(live);
    live.cancel.abort(reason);
    if (waits < 0) return;
    this.#waiting.splice(waits, 1);
    await this.#end(live, { status: 'cancelled', result: null, error: cancelled(reason) });
  }

  /** What cannot be recorded now is tried again with the next heartbeat; until then this server knows it. */
  async #record(live: LiveJob): Promise<void> {
    const { job } = live;
    try {
      await this.#records.write({ owner: this.#server, job });
      if (live.job === job) live.changed = false;
      if (isEnded(job.status)) this.#live.delete(job.id);
    } catch (err) {
      this.#options.logger.error({ err, job: job.id }, 'the record of a job cannot be written');
    }
  }

  async #removeLabels(id: string): Promise<void> {
    const failed = (err: unknown): void => this.#options.logger.error({ err, job: id }, 'uploaded labels stay');
    await this.#records.removeLabels(id).catch(failed);
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#beatAndTell().finally(() => {
      this.#beating = null;
    });
    return this.#beating;
  }

  async #beatAndTell(): Promise<void> {
    try {
      if (await this.#beatOnce()) this.#storageAnswered();
    } catch (error) {
      this.#storageFailed(error);
    }
  }

  #storageAnswered(): void {
    if (this.#missedBecause !== null) this.#options.logger.info({}, 'the records of jobs are up to date again');
    this.#missedBecause = null;
  }

  /** Told once for each reason, not with every heartbeat. */
  #storageFailed(err: unknown): void {
    const reason = String(err);
    if (reason !== this.#missedBecause)
      this.#options.logger.error({ err }, 'the records of jobs cannot be kept up to date');
    this.#missedBecause = reason;
  }

  /** False where there was no reason to ask the storage for anything. */
  async #beatOnce(): Promise<boolean> {
    const isBusy = this.#live.size > 0;
    if (isBusy) {
      await this.#present(() => this.#records.beat(this.#server, Date.now()));
      for (const id of await this.#records.takeCancelled(this.#server)) {
        const live = this.#live.get(id);
        if (live !== undefined) await this.#cancelLive(live, 'the job was cancelled');
      }
      for (const live of this.#live.values()) if (live.changed) await this.#record(live);
      await this.#restWhenIdle();
    }
    if (Date.now() - this.#sweptAtMillis < this.#deadAfterMillis) return isBusy;
    this.#sweptAtMillis = Date.now();
    await this.#sweep();
    return true;
  }

  async #restWhenIdle(): Promise<void> {
    await this.#present(async () => {
      if (this.#live.size === 0 && this.#creating === 0) await this.#records.rest(this.#server);
    });
  }

  /** One after the other, so that a sign of life is never removed by a rest that was decided before it. */
  #present(action: () => Promise<void>): Promise<void> {
    const done = this.#presence.then(action);
    this.#presence = done.catch(() => undefined);
    return done;
  }

  /** Records the end of jobs whose server died. */
  async #sweep(): Promise<void> {
    for (const server of await this.#records.servers()) {
      if (server === this.#server || (await this.#isAlive(server))) continue;
      const records = await this.#records.readAll(await this.#records.ids(null));
      for (const record of records.filter(({ owner, job }) => owner === server && !isEnded(job.status))) {
        await this.#records.removeLabels(record.job.id);
        await this.#records.write(interrupted(record));
      }
      await this.#records.rest(server);
    }
  }

  async #isAlive(server: string): Promise<boolean> {
    const aliveAtMillis = await this.#records.aliveAtMillis(server);
    return aliveAtMillis !== null && Date.now() - aliveAtMillis < this.#deadAfterMillis;
  }

  async #find(id: string): Promise<JobRecord> {
    const live = this.#live.get(id);
    if (live !== undefined) return { owner: this.#server, job: live.job };
    const record = await this.#records.read(id);
    if (record !== null) return await this.#judged(record);
    throw new PlumbError('UNKNOWN_NAME', `there is no job ${JSON.stringify(id)}: the newest 1,000 are kept`, {
      details: { name: id },
    });
  }

  /** The record, or that its server died. */
  async #judged(record: JobRecord): Promise<JobRecord> {
    if (isEnded(record.job.status)) return record;
    if (record.owner !== this.#server && (await this.#isAlive(record.owner))) return record;
    // Ended since it was read, and its server, which may be this one, rests: what was written before that counts.
    const now = (await this.#records.read(record.job.id)) ?? record;
    return isEnded(now.job.status) || now.owner === this.#server ? now : interrupted(now);
  }
}

function newJob(wanted: NewJob, id: string): Job {
  const createdAt = formatInstant(nowMicros());
  const state = { id, status: 'queued', createdAt, startedAt: null, finishedAt: null, progress: null } as const;
  return wanted.kind === 'dataset'
    ? { ...state, kind: 'dataset', request: wanted.request, result: null, error: null }
    : { ...state, kind: 'materialization', request: wanted.request, result: null, error: null };
}

type End = Pick<Job, 'status' | 'result' | 'error'>;

const endedBy = ({ result, error }: JobOutcome): End => ({
  status: error === null ? 'succeeded' : 'failed',
  result,
  error,
});

function failedBy(error: unknown, { aborted, reason }: AbortSignal): End {
  if (!(error instanceof PlumbError)) return failed({ code: 'INTERNAL', message: 'internal error', details: {} });
  if (error.code !== 'CANCELLED') return failed(wireError(error));
  return { status: 'cancelled', result: null, error: cancelled(aborted ? String(reason) : error.message) };
}

const failed = (error: WireError): End => ({ status: 'failed', result: null, error });
const cancelled = (message: string): WireError => ({ code: 'CANCELLED', message, details: {} });
export const wireError = ({ code, message, details }: PlumbError): WireError => ({ code, message, details });

function interrupted({ owner, job }: JobRecord): JobRecord {
  const error: WireError = {
    code: 'INTERRUPTED',
    message: 'the server that did this job ended before it was done: ask again',
    details: {},
  };
  return { owner, job: { ...job, ...failed(error), finishedAt: formatInstant(nowMicros()) } as Job };
}
