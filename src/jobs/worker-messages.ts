// What a server and a worker process say to each other, by structured clone.
import type { ErrorData } from '../../schemas/errors.ts';
import type { JobProgress } from '../../schemas/wire-types.ts';
import type { JobOutcome, JobWork } from './job.ts';

export type ToWorker = { readonly type: 'run'; readonly work: JobWork } | { readonly type: 'cancel' };

/** How often the main thread of a worker shows that it lives: one that is stuck cannot. */
export const ALIVE_MILLIS = 1000;

export type FromWorker =
  | { readonly type: 'alive' }
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'done'; readonly outcome: JobOutcome }
  | { readonly type: 'failed'; readonly error: ErrorData };
