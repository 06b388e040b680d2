// Opens the LMDB database of an online store; makes folder and database where there are none yet.
import { open, type RootDatabase } from 'lmdb';
import { prepareFolder, refuseAbsent, refuseForeignFile, refuseFullDisk } from '../../lmdb-folder.ts';
import { lmdbError, lmdbFailure, placeOf } from './lmdb-failure.ts';
import { decodeOwner, encodeOwner, FORMAT_VERSION, OWNER_KEY, UPGRADED_VERSION } from './lmdb-layout.ts';

export type LmdbDatabase = RootDatabase<Buffer, Uint8Array>;

export interface LmdbOpening {
  /** False: STORE_UNAVAILABLE where there is no database yet. */
  readonly mayCreate: boolean;
}

export async function openLmdb(folder: string, project: string, { mayCreate }: LmdbOpening): Promise<LmdbDatabase> {
  const place = placeOf(folder);
  if (!mayCreate) await refuseAbsent(place);
  await prepareFolder(place);
  let database: LmdbDatabase | null = null;
  try {
    await refuseForeignFile(place);
    await refuseFullDisk(place);
    // overlappingSync would let a commit be seen before it is on disk.
    database = open<Buffer, Uint8Array>(folder, {
      keyEncoding: 'binary',
      encoding: 'binary',
      noSubdir: false,
      overlappingSync: false,
    });
    claimFolder(database, folder, project);
    return database;
  } catch (error) {
    await database?.close();
    throw lmdbFailure(error, folder);
  }
}

/** Writes format and project into a new database, or into one of the former format; refuses any other. */
function claimFolder(database: LmdbDatabase, folder: string, project: string): void {
  const mine = encodeOwner({ format: FORMAT_VERSION, project });
  const former = encodeOwner({ format: UPGRADED_VERSION, project });
  const claim = (): Buffer => {
    const stored = database.get(OWNER_KEY);
    if (stored !== undefined && !stored.equals(former)) return stored;
    database.putSync(OWNER_KEY, mine);
    return mine;
  };
  const found = database.get(OWNER_KEY);
  const owner = decodeOwner(found === undefined || found.equals(former) ? database.transactionSync(claim) : found);
  if (owner.format !== FORMAT_VERSION) {
    const what = `has format ${owner.format}, expected ${FORMAT_VERSION}: use the version of Plumb that wrote it, or another folder`;
    throw lmdbError('STORAGE_CORRUPT', folder, what);
  }
  if (owner.project === project) return;
  const whose = `belongs to project ${JSON.stringify(owner.project)}, not to ${JSON.stringify(project)}`;
  throw lmdbError('STORE_UNAVAILABLE', folder, `${whose}: give each project a folder of its own (online.path)`);
}
