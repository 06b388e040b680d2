// Erasures that a server or a command left in the middle are finished by the next server.
import { ErasureRecords } from '../erasure/erasure-records.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { JobQueue } from './job-queue.ts';
import { type JobsLogger, reasonOf } from './live-jobs.ts';

/** One job for all of them; what cannot be begun now is begun by the next start, or by `plumb gc`. */
export async function resumeErasures(
  jobs: Pick<JobQueue, 'create'>,
  store: ObjectStore,
  logger: JobsLogger,
): Promise<void> {
  try {
    const erasures = await new ErasureRecords(store).pending();
    if (erasures.length === 0) return;
    logger.info({ erasures }, 'erasures that are not done are gone on with');
    await jobs.create({ kind: 'erasure', request: { erasures }, work: { kind: 'erasure', erasures } });
  } catch (error) {
    logger.error(reasonOf(error), 'erasures that are not done could not be gone on with');
  }
}
