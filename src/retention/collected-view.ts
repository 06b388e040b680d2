import type { ServingState } from '../online/serving-state.ts';
import type { Lease } from '../storage/leases/lease.ts';

/** What a view is known by while it is collected. */
export interface CollectedView {
  readonly name: string;
  /** Of the versions that count, the present one first; null: it is in none of them. */
  readonly fingerprints: readonly string[] | null;
  readonly state: ServingState;
  /** Before each removal: rejects with CONFLICT where the view is somebody else's by now. */
  readonly confirm: () => Promise<void>;
}

/** A lease lasts for a second at least, so one that was just seen to be held needs no look at the storage. */
const CONFIRMED_FOR_MILLIS = 500;

/**
 * Looks at the lease only where it may have been lost. A renewal is a sign of life, which a run that waits for the lease
 * takes for a reason not to wait any longer; most views are collected before there is one.
 */
export function confirming(lease: Lease): () => Promise<void> {
  let confirmedAtMillis = performance.now();
  return async () => {
    if (performance.now() - confirmedAtMillis < CONFIRMED_FOR_MILLIS) return;
    await lease.assertHeld();
    confirmedAtMillis = performance.now();
  };
}
