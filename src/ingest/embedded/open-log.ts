// Opens the LMDB database of an embedded log; makes folder and database where there are none yet.
import { randomBytes } from 'node:crypto';
import { open, type RootDatabase } from 'lmdb';
import { type LmdbPlace, lmdbError, lmdbFailure } from '../../lmdb-failure.ts';
import { prepareFolder, refuseForeignFile, refuseFullDisk } from '../../lmdb-folder.ts';
import { decodeOwner, encodeOwner, FORMAT_VERSION, OWNER_KEY, type Owner } from './log-layout.ts';

export type LogDatabase = RootDatabase<Buffer, Buffer>;

export const logPlace = (folder: string): LmdbPlace => ({
  folder,
  called: 'event log',
  ifDamaged: 'bring it back from a backup; events that the lake has are not lost',
  ifRemoved: 'bring it back; events that the lake has are not lost',
});

export interface OpenedLog {
  readonly database: LogDatabase;
  readonly owner: Owner;
}

/** STORAGE_CORRUPT where the folder holds something else or a log of another format, STORE_UNAVAILABLE where it cannot be used. */
export async function openLog(folder: string, project: string): Promise<OpenedLog> {
  const place = logPlace(folder);
  await prepareFolder(place);
  let database: LogDatabase | null = null;
  try {
    await refuseForeignFile(place);
    await refuseFullDisk(place);
    // overlappingSync would resolve a commit before it is on disk.
    database = open<Buffer, Buffer>(folder, {
      keyEncoding: 'binary',
      encoding: 'binary',
      noSubdir: false,
      overlappingSync: false,
    });
    return { database, owner: claim(database, place, project) };
  } catch (error) {
    await database?.close();
    throw lmdbFailure(error, place);
  }
}

/** Writes format, project and a new epoch into a new database; refuses that of another format or project. */
function claim(database: LogDatabase, place: LmdbPlace, project: string): Owner {
  const mine = { format: FORMAT_VERSION, project, epoch: randomBytes(8).toString('hex') };
  const bytes = database.transactionSync(() => {
    const found = database.get(OWNER_KEY);
    if (found === undefined) database.putSync(OWNER_KEY, encodeOwner(mine));
    return found;
  });
  const owner = bytes === undefined ? mine : decodeOwner(bytes);
  if (owner.format !== FORMAT_VERSION) {
    const what = `has format ${owner.format}, expected ${FORMAT_VERSION}: use the version of Plumb that wrote it`;
    throw lmdbError('STORAGE_CORRUPT', place, what);
  }
  if (owner.project === project) return owner;
  const whose = `belongs to project ${JSON.stringify(owner.project)}, not to ${JSON.stringify(project)}`;
  throw lmdbError('STORE_UNAVAILABLE', place, `${whose}: give each project a folder of its own (log.path)`);
}
