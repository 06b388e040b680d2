// Work that counts only as long as its leases are held.
import type { Lease } from './lease.ts';

export interface Held {
  /** Aborted where the work is cancelled, and where a lease is lost. */
  readonly signal: AbortSignal;
  /** Rejects with CONFLICT where a lease is lost: to be called before something is committed. */
  readonly assertHeld: () => Promise<void>;
}

/** `signal`: cancels the work. Where a lease is lost, the error says so, and not that the work was cancelled for it. */
export async function whileHeld<T>(
  leases: readonly Lease[],
  signal: AbortSignal,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const lost = leases.map((lease) => lease.signal);
  const assertHeld = async (): Promise<void> => {
    for (const lease of leases) await lease.assertHeld();
  };
  try {
    return await work({ signal: AbortSignal.any([signal, ...lost]), assertHeld });
  } catch (error) {
    if (!signal.aborted) for (const one of lost) one.throwIfAborted();
    throw error;
  }
}
