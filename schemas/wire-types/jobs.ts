// Jobs: long work that clients ask for.

import type { ImmatureLabel } from './datasets.ts';
import type { ErasureReport } from './erasures.ts';
import type { WireError } from './errors.ts';
import type { MaterializationMode, MaterializationRun } from './materializations.ts';
import type { Page } from './pages.ts';

export const JOB_KINDS = ['dataset', 'materialization', 'command', 'erasure'] as const;
export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export interface JobProgress {
  readonly phase: string;
  /** Of a materialization: the view at work. */
  readonly view: string | null;
  readonly rowsDone: number;
  /** null while unknown. */
  readonly rowsTotal: number | null;
}

interface JobState {
  readonly id: string;
  readonly status: JobStatus;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** null before the work starts. */
  readonly progress: JobProgress | null;
  /** Of a failed or cancelled job. */
  readonly error: WireError | null;
}

/** GET /v1/jobs/{id}; also the 202 of what makes jobs. */
export type Job = DatasetJob | MaterializationJob | CommandJob | ErasureJob;

export interface ErasureJob extends JobState {
  readonly kind: 'erasure';
  /** Of the records that are worked through; the keys stand in the records alone. */
  readonly request: { readonly erasures: readonly string[] };
  /** Of a job that succeeded: one for each. */
  readonly result: { readonly reports: readonly ErasureReport[] } | null;
}

export interface DatasetJob extends JobState {
  readonly kind: 'dataset';
  readonly request: {
    readonly service: string;
    readonly name: string;
    readonly timestampColumn: string;
  };
  /** Of a job that succeeded. */
  readonly result: {
    readonly name: string;
    readonly version: number;
    readonly rows: number;
    /** Signs that the set holds its own target; absent: none. */
    readonly warnings?: readonly string[] | undefined;
    /** Of each label: rows in which it is null because its window had not passed yet; absent without labels. */
    readonly immature?: readonly ImmatureLabel[] | undefined;
  } | null;
}

export interface MaterializationJob extends JobState {
  readonly kind: 'materialization';
  readonly request: {
    /** null: those that a service reads. */
    readonly views: readonly string[] | null;
    /** The service whose views they are; absent: `views`, or any service. */
    readonly service?: string | undefined;
    readonly until: string;
    readonly mode: MaterializationMode;
  };
  /** Of a job that ended by itself: one entry per view; a view that failed makes the job `failed`. */
  readonly result: { readonly runs: readonly MaterializationRun[] } | null;
}

/** A plumb command that a schedule of the project file runs. */
export interface CommandJob extends JobState {
  readonly kind: 'command';
  readonly request: { readonly schedule: string; readonly run: string };
  /** Of a job that succeeded. */
  readonly result: { readonly exitCode: number } | null;
}

export interface MaterializationPage extends Page {
  /** Newest first. */
  readonly materializations: readonly MaterializationJob[];
}
