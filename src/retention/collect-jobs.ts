// Records of jobs that ended long ago, and what servers that died left beside them.
import { isEnded } from '../jobs/job.ts';
import { JobRecords } from '../jobs/job-records.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { totalBytes } from '../storage/totals.ts';
import type { Kind } from './collector.ts';
import { type GcContext, isYoung, keysOf } from './gc-context.ts';
import { isYounger } from './policy.ts';

const RECORD = /^jobs\/([^/.]+)\.json$/;
const LABELS = /^jobs\/([^/.]+)\.labels\.[a-z]+$/;
const OF_SERVERS = /^jobs\/(servers|cancel)\//;
const DELETED_AT_ONCE = 500;

export async function* collectJobs(context: GcContext, after: string | null): AsyncGenerator<string | null, void> {
  const objects = (await context.store.list('jobs/')).filter((object) => !isYoung(context, object));
  for (let from = 0; from < objects.length; from += DELETED_AT_ONCE) {
    const group = objects.slice(from, from + DELETED_AT_ONCE).filter(({ key }) => after === null || key > after);
    await collectGroup(context, group);
    yield objects[Math.min(from + DELETED_AT_ONCE, objects.length) - 1]?.key ?? null;
  }
}

async function collectGroup(context: GcContext, objects: readonly ObjectInfo[]): Promise<void> {
  const { store, policy, nowMicros, dryRun, tally } = context;
  const records = new JobRecords(store);
  const over: ObjectInfo[] = [];
  for (const object of objects) {
    const { key, modifiedAtMillis } = object;
    const isOld = !isYounger(modifiedAtMillis, policy.jobs.maxAgeMicros, nowMicros);
    // A job that goes on writes its record: one that was not written for so long has no server any more.
    const isOver = RECORD.test(key) ? isOld : OF_SERVERS.test(key) || (await isOfEndedJob(records, key, isOld));
    if (isOver) over.push(object);
  }
  if (!dryRun) await store.delete(keysOf(over));
  for (const object of over) tally.remove(kindOf(object.key), '', 1, totalBytes([object]));
}

const kindOf = (key: string): Kind => (LABELS.test(key) ? 'upload' : 'job');

/** Uploaded labels are needed until their job has ended. */
async function isOfEndedJob(records: JobRecords, key: string, isOld: boolean): Promise<boolean> {
  const id = LABELS.exec(key)?.[1];
  if (id === undefined) return false;
  const record = await records.read(id);
  return record === null || isEnded(record.job.status) || isOld;
}
