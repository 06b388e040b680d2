// The jobs of this server whose end is not recorded yet: how each stands, told to the storage as it changes.
import { ERRORS, type ErrorData, PlumbError } from '../../schemas/errors.ts';
import type { Job } from '../../schemas/wire-types.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { isEnded, type JobWork } from './job.ts';
import type { JobRecords } from './job-records.ts';
import type { End } from './job-states.ts';
import type { ServerPresence } from './server-presence.ts';

export interface JobsLogger {
  info(context: object, message: string): void;
  error(context: object, message: string): void;
}

export interface LiveJob {
  job: Job;
  readonly work: JobWork;
  readonly cancel: AbortController;
  /** The record in the storage is older than `job`. */
  changed: boolean;
  /** Resolves when no write of the record is on its way. */
  recorded: Promise<void>;
}

export interface LiveJobsOptions {
  readonly records: JobRecords;
  readonly presence: ServerPresence;
  readonly logger: JobsLogger;
  readonly onEnded: (job: Job) => void;
}

export class LiveJobs {
  readonly #options: LiveJobsOptions;
  readonly #jobs = new Map<string, LiveJob>();

  constructor(options: LiveJobsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get(id: string): LiveJob | undefined {
    return this.#jobs.get(id);
  }

  all(): readonly LiveJob[] {
    return [...this.#jobs.values()];
  }

  /** Its first record is in the storage already. */
  add(live: LiveJob): void {
    this.#jobs.set(live.job.id, live);
  }

  async begin(live: LiveJob): Promise<void> {
    live.job = { ...live.job, status: 'running', startedAt: formatInstant(nowMicros()) };
    this.#options.logger.info({ job: live.job.id }, 'job started');
    live.changed = true;
    await this.#record(live);
  }

  async end(live: LiveJob, end: End): Promise<void> {
    live.job = { ...live.job, ...end, finishedAt: formatInstant(nowMicros()) } as Job;
    live.changed = true;
    this.#options.logger.info({ job: live.job.id, status: end.status, code: end.error?.code }, 'job ended');
    this.#options.onEnded(live.job);
    await this.removeLabels(live.job.id);
    await this.#record(live);
  }

  async recordChanged(): Promise<void> {
    for (const live of this.#jobs.values()) if (live.changed) await this.#record(live);
  }

  async removeLabels(id: string): Promise<void> {
    const { records, logger } = this.#options;
    await records.removeLabels(id).catch((err) => logger.error({ job: id, ...reasonOf(err) }, 'uploaded labels stay'));
  }

  /** In full: the client is not told of hosts, folders and queries. Mistakes of clients are no errors of the server. */
  logFailure({ job }: LiveJob, { code, message, privateDetails }: ErrorData, view?: string): void {
    if (code === 'CANCELLED') return;
    const level = ERRORS[code].status >= 500 ? 'error' : 'info';
    this.#options.logger[level]({ job: job.id, view, code, ...privateDetails }, message);
  }

  /** One write after the other: a former state that came late would stand in the place of the end. */
  #record(live: LiveJob): Promise<void> {
    live.recorded = live.recorded.then(() => this.#recordNow(live));
    return live.recorded;
  }

  /** What cannot be recorded now is tried again with the next heartbeat; until then this server knows it. */
  async #recordNow(live: LiveJob): Promise<void> {
    if (!live.changed) return;
    const { records, presence, logger } = this.#options;
    const { job } = live;
    try {
      await records.write({ owner: presence.server, job });
      if (live.job === job) live.changed = false;
      if (isEnded(job.status)) this.#jobs.delete(job.id);
    } catch (err) {
      logger.error({ job: job.id, ...reasonOf(err) }, 'the record of a job cannot be written');
    }
  }
}

/** A failure that is known by its words, a defect with its stack. */
export const reasonOf = (err: unknown): object =>
  err instanceof PlumbError ? { code: err.code, reason: err.message } : { err };
