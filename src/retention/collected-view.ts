import type { Lease } from '../leases/lease.ts';
import type { ServingState } from '../online/serving-state.ts';

/** What a view is known by while it is collected. */
export interface CollectedView {
  readonly name: string;
  /** Of the versions that count, the present one first; null: it is in none of them. */
  readonly fingerprints: readonly string[] | null;
  readonly state: ServingState;
  /** null in a dry run, which changes nothing. */
  readonly lease: Lease | null;
}
