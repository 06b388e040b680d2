// What a job is at each turn: asked for, ended, failed, cancelled, left by a server that died. Plain data.
import { asPlumbError, publicError } from '../../schemas/errors.ts';
import type {
  CommandJob,
  DatasetJob,
  ErasureJob,
  Job,
  MaterializationJob,
  WireError,
} from '../../schemas/wire-types.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { JobOutcome, JobResult, JobWork, ViewFailure } from './job.ts';
import type { JobRecord, LabelEnding } from './job-records.ts';

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
      /** Take the place of the file that the work names. */
      readonly labels: UploadedLabels | null;
    }
  | {
      readonly kind: 'materialization';
      readonly request: MaterializationJob['request'];
      readonly work: Extract<JobWork, { readonly kind: 'materialization' }>;
    }
  | {
      readonly kind: 'erasure';
      /** Of an erasure that has one job of its own, the same. */
      readonly id?: string;
      readonly request: ErasureJob['request'];
      readonly work: Extract<JobWork, { readonly kind: 'erasure' }>;
    }
  | {
      readonly kind: 'command';
      readonly request: CommandJob['request'];
      readonly work: Extract<JobWork, { readonly kind: 'command' }>;
    };

export function newJob(wanted: NewJob, id: string): Job {
  const createdAt = formatInstant(nowMicros());
  const state = { id, status: 'queued', createdAt, startedAt: null, finishedAt: null, progress: null } as const;
  const { kind, request } = wanted;
  return { ...state, kind, request, result: null, error: null } as Job;
}

/** How a job ended. */
export type End = Pick<Job, 'status' | 'result' | 'error'>;

export function endedBy({ result, failures }: JobOutcome): End {
  if (failures.length === 0) return { status: 'succeeded', result, error: null };
  return { status: 'failed', result, error: errorOf(failures, result) };
}

/** The code and the words of the first view that failed. */
function errorOf(failures: readonly ViewFailure[], result: JobResult): WireError {
  const [{ view, error }] = failures as readonly [ViewFailure];
  const { code, message, details } = publicError(error);
  const viewCount = 'runs' in result ? result.runs.length : 1;
  const some = viewCount === 1 ? '' : `${failures.length} of ${viewCount} views failed; `;
  const views = failures.map((failure) => failure.view);
  return { code, message: `${some}${view}: ${message}`, details: { ...details, views } };
}

export function failedBy(error: unknown, { aborted, reason }: AbortSignal): End {
  const failure = asPlumbError(error);
  if (failure.code !== 'CANCELLED') return failed(publicError(failure));
  return { status: 'cancelled', result: null, error: cancelled(aborted ? String(reason) : failure.message) };
}

const failed = (error: WireError): End => ({ status: 'failed', result: null, error });
export const cancelled = (message: string): WireError => ({ code: 'CANCELLED', message, details: {} });

/** Its server died before it was done. */
export function interrupted({ owner, job }: JobRecord): JobRecord {
  const error: WireError = {
    code: 'INTERRUPTED',
    message: 'the server that did this job ended before it was done: ask again',
    details: {},
  };
  return { owner, job: { ...job, ...failed(error), finishedAt: formatInstant(nowMicros()) } as Job };
}
