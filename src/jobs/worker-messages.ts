// What a server and a worker process say to each other, by structured clone.
import type { ErrorData } from '../../schemas/errors.ts';
import type { JobProgress } from '../../schemas/wire-types.ts';
import type { ExplanationRequest } from './explanations.ts';
import type { JobOutcome, JobWork } from './job.ts';

/** What a process of a server may be for: a job, or an explanation, whose outcome is its text. */
export type WorkerTask = JobWork | { readonly kind: 'explanation'; readonly request: ExplanationRequest };

export type ToWorker = { readonly type: 'run'; readonly work: WorkerTask } | { readonly type: 'cancel' };

/** How often the main thread of a worker shows that it lives: one that is stuck cannot. */
export const ALIVE_MILLIS = 1000;

export type FromWorker =
  | { readonly type: 'alive' }
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'done'; readonly outcome: JobOutcome | string }
  | { readonly type: 'failed'; readonly error: ErrorData };
