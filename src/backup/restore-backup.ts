// A backup back into a storage and an online store:
//
//   verify every object ─▶ refuse conflicts ─▶ erasures ─▶ parts ─▶ documents ─▶ manifests ─▶ the rest ─▶ versions ─▶ rows online
//
// Nothing is overwritten. Until versions are there nobody can do anything with the storage, and until a manifest is there
// its parts do not count; so what is cut off is nothing half, and the same command goes on from there.
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import { failpoint } from '../failpoint.ts';
import { aboutFormer, foundOnline, type PutBackPorts, putBack, type ServingPutBack } from '../materialize/put-back.ts';
import { MANIFEST_FILE } from '../offline/manifest.ts';
import { APPLY_LEASE, GC_LEASE } from '../storage/leases/lease.ts';
import { whileHeld } from '../storage/leases/while-held.ts';
import { isStorageAbsent } from '../storage/storage-absent.ts';
import { totalBytes } from '../storage/totals.ts';
import type { OnBackupProgress, RestoreReport, RestoreRequest } from './backup.ts';
import {
  type BackupManifest,
  backupNumbers,
  contentKey,
  damaged,
  OBJECTS_PREFIX,
  readBackup,
  type StoredObject,
} from './backup-manifest.ts';
import { copyObject, forEachOf, PARTS_AT_ONCE, verifyObject } from './copy-object.ts';
import type { BackupPorts } from './create-backup.ts';
import { erasuresToRepeat, isOfErasure, repeatErasures, withAllErasures } from './restored-erasures.ts';
import { isCopied, STORAGE_FOLDERS, topFolder } from './storage-folders.ts';

export interface RestorePorts
  extends Omit<BackupPorts, 'placeLeases'>,
    Pick<PutBackPorts, 'engine' | 'graceMicros' | 'version' | 'catalog'> {}

export async function restoreBackup(
  ports: RestorePorts,
  request: RestoreRequest,
  onProgress: OnBackupProgress,
): Promise<RestoreReport> {
  const { leases, signal } = ports;
  const backup = await withAllErasures(ports.place, await chosenBackup(ports, request.number));
  await verifyContents(ports, backup, onProgress);
  if (request.dryRun) {
    const missing = await missingObjects(ports, backup);
    const online = await Promise.all(backup.online.map(async (one) => (await foundOnline(ports, one)) ?? toFill(one)));
    const erasures = await erasuresToRepeat(ports.store, backup, missing);
    return reportOf(backup, { dryRun: true, missing, online, erasures });
  }
  const purpose = 'restoring a backup';
  await using apply = await leases.acquire(APPLY_LEASE, { purpose, signal });
  await using gc = await leases.acquire(GC_LEASE, { purpose, signal });
  return await whileHeld([apply, gc], signal, (held) =>
    restoreUnderLeases({ ...ports, signal: held.signal }, backup, onProgress),
  );
}

async function restoreUnderLeases(
  ports: RestorePorts,
  backup: BackupManifest,
  onProgress: OnBackupProgress,
): Promise<RestoreReport> {
  const missing = await missingObjects(ports, backup);
  const erasures = await erasuresToRepeat(ports.store, backup, missing);
  await repeatErasures(ports.store, erasures);
  await restoreObjects(ports, missing, onProgress);
  const online: ServingPutBack[] = [];
  for (const former of backup.online)
    online.push(
      await putBack(ports, former, (done) =>
        onProgress({ doing: `filling ${former.view}`, done, total: null, unit: 'rows' }),
      ),
    );
  return reportOf(backup, { dryRun: false, missing, online, erasures });
}

const toFill = (former: BackupManifest['online'][number]): ServingPutBack => ({
  ...aboutFormer(former),
  ...{ outcome: 'to_fill', rows: 0, notice: null },
});

function reportOf(
  { number, createdAt, registryVersion, objects }: BackupManifest,
  {
    missing,
    ...rest
  }: { readonly missing: readonly StoredObject[] } & Pick<RestoreReport, 'dryRun' | 'online' | 'erasures'>,
): RestoreReport {
  const restored = amountOf(missing);
  return { number, createdAt, registryVersion, ...amountOf(objects), restored, ...rest };
}

const amountOf = (objects: readonly StoredObject[]) => ({
  objects: objects.length,
  bytes: totalBytes(objects),
});

async function chosenBackup({ place, project }: RestorePorts, number: number | null): Promise<BackupManifest> {
  const numbers = await backupNumbers(place);
  const chosen = number ?? numbers.at(-1);
  if (chosen === undefined) throw new PlumbError('UNKNOWN_NAME', 'there is no backup in this place');
  const backup = await readBackup(place, chosen);
  if (backup === null) {
    const message = `there is no backup ${chosen} in this place, expected one of ${numbers.join(', ')}`;
    throw new PlumbError('UNKNOWN_NAME', message, { details: { number: chosen, numbers } });
  }
  if (backup.project === project) return backup;
  const message = `found a backup of project ${backup.project}, expected one of ${project}: name that project in the project file`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { found: backup.project, expected: project } });
}

/** STORAGE_CORRUPT unless every object of the backup is there, byte for byte. */
async function verifyContents(
  { place, signal }: RestorePorts,
  { objects }: BackupManifest,
  onProgress: OnBackupProgress,
): Promise<void> {
  const sizes = new Map((await place.list(OBJECTS_PREFIX)).map(({ key, sizeBytes }) => [key, sizeBytes]));
  const contents = [...new Map(objects.map((object) => [object.sha256, object])).values()];
  for (const { sha256, sizeBytes } of contents) {
    const found = sizes.get(contentKey(sha256));
    if (found === undefined) throw damaged(contentKey(sha256), 'it is missing');
    if (found !== sizeBytes) throw damaged(contentKey(sha256), `found ${found} bytes, expected ${sizeBytes}`);
  }
  let done = 0;
  await forEachOf(contents, { signal }, async (object) => {
    await verifyObject(place, contentKey(object.sha256), object);
    done += 1;
    onProgress({ doing: 'verifying', done, total: contents.length, unit: 'objects' });
  });
}

const MOST_TOLD = 5;

/** What of the backup the storage has not; INVALID_REQUEST where the storage has something else in its place. */
async function missingObjects(ports: RestorePorts, { objects }: BackupManifest): Promise<readonly StoredObject[]> {
  const { store, signal } = ports;
  const listed = await store.list('').catch((error: unknown) => {
    if (isStorageAbsent(error)) return [];
    throw error;
  });
  const wanted = new Map(objects.map((object) => [object.key, object]));
  const conflicts: string[] = [];
  const present = new Set<string>();
  const here = listed.filter(({ key }) => isCopied(key));
  await forEachOf(here, { signal }, async ({ key, sizeBytes }) => {
    const object = wanted.get(key);
    if (object === undefined) {
      if (STORAGE_FOLDERS[topFolder(key)]?.isNumbered === true) conflicts.push(`${key} is not in the backup`);
    } else if (isOfErasure(key) || (object.sizeBytes === sizeBytes && (await isSame(ports, object)))) present.add(key);
    else conflicts.push(`${key} is another one than in the backup`);
  });
  if (conflicts.length === 0) return objects.filter(({ key }) => !present.has(key));
  const told = conflicts.toSorted().slice(0, MOST_TOLD).join('; ');
  const more = conflicts.length > MOST_TOLD ? `; and ${conflicts.length - MOST_TOLD} more` : '';
  const message = `the storage holds what a restore would have to overwrite: ${told}${more}. Restore into an empty storage`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { conflicts: conflicts.length } });
}

async function isSame({ store }: RestorePorts, object: StoredObject): Promise<boolean> {
  try {
    await verifyObject(store, object.key, object);
    return true;
  } catch (error) {
    if (error instanceof PlumbError && error.code === 'STORAGE_CORRUPT') return false;
    throw error;
  }
}

const ERASURES_RANK = -1;
const PARTS_RANK = 0;

/** What counts once something else names it goes first. */
function rankOf({ key }: StoredObject): number {
  if (isOfErasure(key)) return ERASURES_RANK;
  if (topFolder(key) === 'registry') return 4;
  if (!['views', 'datasets'].includes(topFolder(key))) return 3;
  if (key.endsWith(`/${MANIFEST_FILE}`)) return 2;
  return key.endsWith('.parquet') ? PARTS_RANK : 1;
}

async function restoreObjects(
  { place, store, signal }: RestorePorts,
  missing: readonly StoredObject[],
  onProgress: OnBackupProgress,
): Promise<void> {
  const workFolder = await store.workFolder();
  const write = async (key: string, content: Uint8Array): Promise<void> => {
    if (await store.putIfAbsent(key, content)) return;
    throw new PlumbError('CONFLICT', `somebody else wrote ${key} meanwhile: run the command again`, {
      details: { key },
    });
  };
  const copying = { from: place, to: store, workFolder, signal, write };
  let done = 0;
  try {
    const byRank = Map.groupBy(
      missing.toSorted((left, right) => rankOf(left) - rankOf(right)),
      rankOf,
    );
    for (const [rank, objects] of byRank)
      await forEachOf(objects, rank === PARTS_RANK ? { signal, atOnce: PARTS_AT_ONCE } : { signal }, async (object) => {
        await copyObject(copying, { ...object, fromKey: contentKey(object.sha256), toKey: object.key });
        failpoint('restore.object');
        done += 1;
        onProgress({ doing: 'restoring', done, total: missing.length, unit: 'objects' });
      });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}
