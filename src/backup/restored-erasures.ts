// A restore brings no erased key back: it takes the records of erasures of every backup in the place, besides those that the
// storage has, and opens those again that were not done when the chosen backup was made.
import { PlumbError } from '../../schemas/errors.ts';
import { ERASURES_FOLDER, ErasureRecords, idOfRecordKey, reportKey } from '../erasure/erasure-records.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { type BackupManifest, backupNumbers, readBackup, type StoredObject } from './backup-manifest.ts';

/** With the records that other backups in the place have, and this one has not. */
export async function withAllErasures(place: ObjectStore, backup: BackupManifest): Promise<BackupManifest> {
  const known = new Set(backup.objects.map(({ key }) => key));
  const later = new Map<string, StoredObject>();
  for (const number of await backupNumbers(place)) {
    const other = number === backup.number ? null : await unlessDamaged(readBackup(place, number));
    for (const object of other?.objects ?? [])
      if (other?.project === backup.project && idOfRecordKey(object.key) !== undefined && !known.has(object.key))
        later.set(object.key, object);
  }
  return { ...backup, objects: [...backup.objects, ...later.values()] };
}

/** What another backup says is no reason to refuse this one. */
async function unlessDamaged<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PlumbError && error.code === 'STORAGE_CORRUPT') return null;
    throw error;
  }
}

/** Records stand for themselves, and how far an erasure is tells the storage better than the backup. */
export const isOfErasure = (key: string): boolean => key.startsWith(ERASURES_FOLDER);

/** Ids of erasures, of the backup or of the storage, whose keys the objects of the backup may hold. */
export async function erasuresToRepeat(
  store: ObjectStore,
  { objects }: BackupManifest,
  missing: readonly StoredObject[],
): Promise<readonly string[]> {
  const keys = new Set(objects.map(({ key }) => key));
  // What was done before the backup was made has left what it holds.
  const isDone = (id: string): boolean => keys.has(reportKey(id));
  const ids = new Set([
    ...objects.flatMap(({ key }) => idOfRecordKey(key) ?? []),
    ...(await new ErasureRecords(store).ids()),
  ]);
  return missing.every(({ key }) => isOfErasure(key)) ? [] : [...ids].filter((id) => !isDone(id)).toSorted();
}

/** Before anything counts: whoever reads then leaves their rows out. */
export const repeatErasures = (store: ObjectStore, ids: readonly string[]): Promise<void> =>
  new ErasureRecords(store).reopen(ids);
