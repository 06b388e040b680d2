// Backups that are older than those to be kept, and the objects that none of these names; also what was copied for a backup
// that was never finished. Only for who holds the lease of the place: nobody else makes a backup meanwhile.
import type { Lease } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { totalBytes } from '../storage/totals.ts';
import type { BackupReport } from './backup.ts';
import { backupNumbers, damaged, hashOfKey, manifestKey, OBJECTS_PREFIX, readBackup } from './backup-manifest.ts';

const DELETED_AT_ONCE = 1000;

/** Manifests go first: a backup that lost objects would be none. */
export async function removeOlder(place: ObjectStore, keep: number, turn: Lease): Promise<BackupReport['removed']> {
  const numbers = await backupNumbers(place);
  const [older, kept] = [numbers.slice(0, -keep), numbers.slice(-keep)];
  const named = new Set<string>();
  for (const number of kept) for (const hash of await hashesOf(place, number)) named.add(hash);
  const unnamed = (await place.list(OBJECTS_PREFIX)).filter(({ key }) => {
    const hash = hashOfKey(key);
    return hash !== null && !named.has(hash);
  });
  await turn.assertHeld();
  await place.delete(older.map(manifestKey));
  for (let from = 0; from < unnamed.length; from += DELETED_AT_ONCE) {
    await turn.assertHeld();
    await place.delete(unnamed.slice(from, from + DELETED_AT_ONCE).map(({ key }) => key));
  }
  const bytes = totalBytes(unnamed);
  return { backups: older.length, objects: unnamed.length, bytes };
}

/** One that cannot be read may need anything: nothing is removed then. */
async function hashesOf(place: ObjectStore, number: number): Promise<readonly string[]> {
  const backup = await readBackup(place, number);
  if (backup === null) throw damaged(manifestKey(number), 'it went while it was listed');
  return backup.objects.map(({ sha256 }) => sha256);
}
