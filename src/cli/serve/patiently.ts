// Tries until it works, for what a server needs and cannot have yet: a store that is away, a folder that is not mounted,
// a project without a version. What will not pass by itself, such as a damaged store, is thrown at once.
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, PlumbError } from '../../../schemas/errors.ts';
import { backoffMillis } from '../../backoff.ts';

export interface PatienceOptions {
  /** Aborts the waiting; an attempt that is under way comes to its own end first. */
  readonly signal: AbortSignal;
  /** Told when the reason is another one than before, not at each attempt. */
  readonly onReason: (reason: PlumbError) => void;
  /** What may pass beside errors that may be retried. */
  readonly passing?: readonly ErrorCode[];
  readonly firstMillis?: number;
  readonly longestMillis?: number;
}

export async function patiently<T>(attempt: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { signal, onReason, passing = [], firstMillis = 100, longestMillis = 2000 } = options;
  let told = '';
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PlumbError) || !mayPass(error, passing)) throw error;
      if (error.message !== told) onReason(error);
      told = error.message;
    }
    await sleep(backoffMillis(failures, { firstMillis, longestMillis }), undefined, { signal });
  }
}

const mayPass = ({ retryable, code }: PlumbError, passing: readonly ErrorCode[]): boolean =>
  retryable || code === 'NOT_APPLIED' || passing.includes(code);
