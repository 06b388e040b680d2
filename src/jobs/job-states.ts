// What a job is at each turn: asked for, ended, failed, cancelled, left by a server that died. Plain data.
import { PlumbError, publicError } from '../../schemas/errors.ts';
import type { DatasetJob, Job, MaterializationJob, WireError } from '../../schemas/wire-types.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { JobOutcome, JobWork } from './job.ts';
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
      /** Take the place of `labelsPath`. */
      readonly labels: UploadedLabels | null;
    }
  | {
      readonly kind: 'materialization';
      readonly request: MaterializationJob['request'];
      readonly work: Extract<JobWork, { readonly kind: 'materialization' }>;
    };

export function newJob(wanted: NewJob, id: string): Job {
  const createdAt = formatInstant(nowMicros());
  const state = { id, status: 'queued', createdAt, startedAt: null, finishedAt: null, progress: null } as const;
  return wanted.kind === 'dataset'
    ? { ...state, kind: 'dataset', request: wanted.request, result: null, error: null }
    : { ...state, kind: 'materialization', request: wanted.request, result: null, error: null };
}

/** How a job ended. */
export type End = Pick<Job, 'status' | 'result' | 'error'>;

export const endedBy = ({ result, error }: JobOutcome): End => ({
  status: error === null ? 'succeeded' : 'failed',
  result,
  error: error === null ? null : publicError(error),
});

export function failedBy(error: unknown, { aborted, reason }: AbortSignal): End {
  if (!(error instanceof PlumbError)) return failed({ code: 'INTERNAL', message: 'internal error', details: {} });
  if (error.code !== 'CANCELLED') return failed(publicError(error));
  return { status: 'cancelled', result: null, error: cancelled(aborted ? String(reason) : error.message) };
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
