// What a server and a worker process say to each other, by structured clone.
import type { ErrorData } from '../../schemas/errors.ts';
import type { JobProgress } from '../../schemas/wire-types.ts';
import type { JobOutcome, JobWork } from './job.ts';

export type ToWorker = { readonly type: 'run'; readonly work: JobWork } | { readonly type: 'cancel' };

export type FromWorker =
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'done'; readonly outcome: JobOutcome }
  | { readonly type: 'failed'; readonly error: ErrorData };
