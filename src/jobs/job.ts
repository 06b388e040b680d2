// Jobs: long work on behalf of a client, who asks how far it is. Plain data and the ports. Knows no HTTP and no process.
//
//   queued ─▶ running ─▶ succeeded | failed | cancelled        the record of each is `jobs/<id>.json` in the storage
import type { ErrorData } from '../../schemas/errors.ts';
import type { Job, JobProgress, JobStatus } from '../../schemas/wire-types.ts';
import type { MaterializeRequest } from '../materialize/run.ts';
import type { DatasetRequest } from '../offline/dataset.ts';

export type JobKind = Job['kind'];
export type JobResult = NonNullable<Job['result']>;

/** What has to be done, in the words of the part that does it. Plain data: it goes to another process. */
export type JobWork =
  | { readonly kind: 'dataset'; readonly request: DatasetRequest }
  | { readonly kind: 'materialization'; readonly request: MaterializeRequest }
  | { readonly kind: 'command'; readonly words: readonly string[] }
  /** Erasures by their ids: what they erase is in their records alone. */
  | { readonly kind: 'erasure'; readonly erasures: readonly string[] };

export interface ViewFailure {
  readonly view: string;
  readonly error: ErrorData;
}

export interface JobOutcome {
  /** As clients may read it. */
  readonly result: JobResult;
  /** Of a materialization some views of which failed: why each did. */
  readonly failures: readonly ViewFailure[];
}

export type OnProgress = (progress: JobProgress) => void;

/** Does the work of a job, in this process or in another. */
export interface JobRunner {
  /** Rejects with a PlumbError: CANCELLED after `signal`, INTERRUPTED where the process that did it ended. */
  run(work: JobWork, onProgress: OnProgress, signal: AbortSignal): Promise<JobOutcome>;
}

export const isEnded = (status: JobStatus): boolean => status !== 'queued' && status !== 'running';
