// Port: the jobs of a server, as its routes see them: the same whichever of its processes holds the queue.
import type { Job } from '../../schemas/wire-types.ts';
import type { JobKind } from './job.ts';
import type { NewJob } from './job-states.ts';

export interface JobPage {
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
}

export interface JobQueue {
  /** A place for one job, until it is disposed of: taken before an upload is read. TOO_MANY_REQUESTS where there is none. */
  reserve(): Disposable | Promise<Disposable>;
  /** Returns the queued job once its record is durable; its place is taken over. */
  create(wanted: NewJob, place?: Disposable): Promise<Job>;
  /** UNKNOWN_NAME where there is no such job. */
  get(id: string): Promise<Job>;
  /** Returns the job as it is then: ended, or stopping. */
  cancel(id: string): Promise<Job>;
  /** Newest first, those after the id `after`. */
  page(kind: JobKind, limit: number, after: string | null): Promise<JobPage>;
  /** From here on new jobs are DRAINING. What runs and waits goes on. */
  refuseNew(): void;
}
