// Leases of builds that died, and writes that were never finished.
import { DATASET_LEASES } from '../storage/leases/lease.ts';
import { totalBytes } from '../storage/totals.ts';
import { type GcContext, keysOf } from './gc-context.ts';
import { silenceOfTheDead } from './policy.ts';

/** Small enough to need no place to go on from. */
export async function* collectLeftovers(context: GcContext): AsyncGenerator<string | null, void> {
  const { store, dryRun, tally, policy, nowMicros } = context;
  const sinceMillis = Number((nowMicros - silenceOfTheDead(policy)) / 1000n);
  // Of other names one object stays for ever: it holds the count of tokens.
  const leases = (await store.list('leases/')).filter(
    ({ key, modifiedAtMillis }) => key.startsWith(`leases/${DATASET_LEASES}`) && modifiedAtMillis <= sinceMillis,
  );
  if (!dryRun) await store.delete(keysOf(leases));
  tally.remove('lease', '', leases.length, totalBytes(leases));
  tally.remove('unfinished work', '', (await store.removeAbandoned?.(sinceMillis, dryRun)) ?? 0, null);
}
