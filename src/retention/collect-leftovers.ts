// Leases of builds that died, and writes that were never finished.
import { DATASET_LEASES } from '../leases/lease.ts';
import { type GcContext, isYoung, keysOf, sizeOf } from './gc-context.ts';

/** Small enough to need no place to go on from. */
export async function* collectLeftovers(context: GcContext): AsyncGenerator<string | null, void> {
  const { store, dryRun, tally, policy, nowMicros } = context;
  // Of other names one object stays for ever: it holds the count of tokens.
  const leases = (await store.list('leases/')).filter(
    (object) => object.key.startsWith(`leases/${DATASET_LEASES}`) && !isYoung(context, object),
  );
  if (!dryRun) await store.delete(keysOf(leases));
  tally.remove('lease', '', leases.length, sizeOf(leases));
  const sinceMillis = Number((nowMicros - policy.graceMicros) / 1000n);
  tally.remove('unfinished work', '', (await store.removeAbandoned?.(sinceMillis, dryRun)) ?? 0, null);
}
