// The jobs of one server: so many at a time, so many waiting, each with a record that every server on the storage can
// read and that outlives this process.
import { PlumbError } from '../../schemas/errors.ts';
import type { Job } from '../../schemas/wire-types.ts';
import { quote } from '../quote.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { Heartbeat } from './heartbeat.ts';
import { isEnded, type JobKind, type JobRunner, type JobWork } from './job.ts';
import { newJobId } from './job-id.ts';
import type { JobPage, JobQueue } from './job-queue.ts';
import { type JobRecord, JobRecords } from './job-records.ts';
import { cancelled, endedBy, failedBy, type NewJob, newJob } from './job-states.ts';
import { type JobsLogger, type LiveJob, LiveJobs, reasonOf } from './live-jobs.ts';
import { ServerPresence } from './server-presence.ts';

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

const HEARTBEAT_MILLIS = 2000;
const DEAD_AFTER_MILLIS = 15_000;
const STOPPED = 'the server was stopped';

export class Jobs implements JobQueue, AsyncDisposable {
  readonly #options: JobsOptions;
  readonly #records: JobRecords;
  readonly #presence: ServerPresence;
  readonly #heartbeat: Heartbeat;
  readonly #live: LiveJobs;
  readonly #waiting: LiveJob[] = [];
  readonly #running = new Set<Promise<void>>();
  /** For jobs that are on their way, uploads among them. */
  readonly #places = new Set<Disposable>();
  #creating = 0;
  #refusing = false;
  #stopping = false;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#records = new JobRecords(options.store);
    this.#presence = new ServerPresence(this.#records, options.deadAfterMillis ?? DEAD_AFTER_MILLIS);
    const { logger, onEnded = () => {} } = options;
    this.#live = new LiveJobs({ records: this.#records, presence: this.#presence, logger, onEnded });
    this.#heartbeat = new Heartbeat({
      everyMillis: options.heartbeatMillis ?? HEARTBEAT_MILLIS,
      beat: () => this.#beat(),
      onFailed: (err) => logger.error(reasonOf(err), 'the records of jobs cannot be kept up to date'),
      onRecovered: () => logger.info({}, 'the records of jobs are up to date again'),
    });
  }

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

  async create(wanted: NewJob, place: Disposable = this.reserve()): Promise<Job> {
    using _taken = place;
    this.#requireOpen();
    this.#creating++;
    try {
      return await this.#enqueue(wanted, (wanted.kind === 'erasure' ? wanted.id : undefined) ?? newJobId(wanted.kind));
    } finally {
      this.#creating--;
      this.#startNext();
    }
  }

  async get(id: string): Promise<Job> {
    return (await this.#find(id)).job;
  }

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

  async page(kind: JobKind, limit: number, after: string | null): Promise<JobPage> {
    const ids = (await this.#records.ids(kind)).filter((id) => after === null || id < after);
    const records = await this.#records.readAll(ids.slice(0, limit));
    const jobs = records.map(
      async (record) => this.#live.get(record.job.id)?.job ?? (await this.#presence.judged(record)).job,
    );
    return { jobs: await Promise.all(jobs), hasMore: ids.length > limit };
  }

  /** Of this server: jobs that have not ended. */
  active(): readonly Job[] {
    return this.#live
      .all()
      .map(({ job }) => job)
      .filter(({ status }) => !isEnded(status));
  }

  refuseNew(): void {
    this.#refusing = true;
  }

  /** Cancels what runs or waits, and resolves when that is recorded. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#refusing = true;
    this.#stopping = true;
    const cancelled = this.#live.all().map((live) => this.#cancelLive(live, STOPPED));
    await Promise.allSettled([...cancelled, ...this.#running]);
    await this.#heartbeat[Symbol.asyncDispose]();
  }

  #requireOpen(): void {
    if (this.#refusing) throw new PlumbError('DRAINING', 'the server is about to stop and takes no new jobs');
  }

  async #enqueue(wanted: NewJob, id: string): Promise<Job> {
    await this.#presence.showLife();
    const live: LiveJob = {
      job: newJob(wanted, id),
      work: await this.#workOf(wanted, id),
      cancel: new AbortController(),
      changed: false,
      recorded: Promise.resolve(),
    };
    try {
      await this.#records.write({ owner: this.#presence.server, job: live.job });
    } catch (error) {
      await this.#live.removeLabels(id);
      throw error;
    }
    this.#live.add(live);
    this.#waiting.push(live);
    if (this.#stopping) await this.#cancelLive(live, STOPPED);
    void this.#records.prune().catch((err) => this.#options.logger.error(reasonOf(err), 'old job records stay'));
    return live.job;
  }

  async #workOf(wanted: NewJob, id: string): Promise<JobWork> {
    if (wanted.kind === 'materialization')
      return { kind: 'materialization', request: { ...wanted.work.request, job: id } };
    if (wanted.kind !== 'dataset' || wanted.labels === null) return wanted.work;
    const { labels } = wanted.work.request;
    if (labels.kind !== 'file') return wanted.work;
    const { localPath, ending } = wanted.labels;
    const path = await this.#records.keepLabels(id, localPath, ending);
    return { kind: 'dataset', request: { ...wanted.work.request, labels: { ...labels, path } } };
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
    await this.#live.begin(live);
    try {
      const onProgress = (progress: Job['progress']): void => {
        live.job = { ...live.job, progress };
        live.changed = true;
      };
      const outcome = await runner.run(live.work, onProgress, live.cancel.signal);
      for (const { view, error } of outcome.failures) this.#live.logFailure(live, error, view);
      await this.#end(live, endedBy(outcome));
    } catch (error) {
      if (error instanceof PlumbError) this.#live.logFailure(live, error);
      else logger.error({ err: error, job: live.job.id }, 'internal error');
      await this.#end(live, failedBy(error, live.cancel.signal));
    }
  }

  async #end(...[live, end]: Parameters<LiveJobs['end']>): Promise<void> {
    await this.#live.end(live, end);
    await this.#restWhenIdle().catch((err) => this.#options.logger.error(reasonOf(err), 'a sign of life stays'));
  }

  async #cancelLive(live: LiveJob, reason: string): Promise<void> {
    if (isEnded(live.job.status)) return;
    const waits = this.#waiting.indexOf(live);
    live.cancel.abort(reason);
    if (waits < 0) return;
    this.#waiting.splice(waits, 1);
    await this.#end(live, { status: 'cancelled', result: null, error: cancelled(reason) });
  }

  /** False where there was no reason to ask the storage for anything. */
  async #beat(): Promise<boolean> {
    const isBusy = this.#live.size > 0;
    if (isBusy) {
      await this.#presence.showLife();
      for (const id of await this.#records.takeCancelled(this.#presence.server)) {
        const live = this.#live.get(id);
        if (live !== undefined) await this.#cancelLive(live, 'the job was cancelled');
      }
      await this.#live.recordChanged();
      await this.#restWhenIdle();
    }
    return (await this.#presence.buryTheDead()) || isBusy;
  }

  #restWhenIdle(): Promise<void> {
    return this.#presence.rest(() => this.#live.size === 0 && this.#creating === 0);
  }

  async #find(id: string): Promise<JobRecord> {
    const live = this.#live.get(id);
    if (live !== undefined) return { owner: this.#presence.server, job: live.job };
    const record = await this.#records.read(id);
    if (record !== null) return await this.#presence.judged(record);
    throw new PlumbError('UNKNOWN_NAME', `there is no job ${quote(id)}: the newest 1,000 are kept`, {
      details: { name: id },
    });
  }
}
