// Opens the LMDB database of an online store; makes folder and database where there are none yet.
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { open, type RootDatabase } from 'lmdb';
import { PlumbError } from '../../../schemas/errors.ts';
import { lmdbFailure } from './lmdb-failure.ts';
import { decodeOwner, encodeOwner, FORMAT_VERSION, OWNER_KEY } from './lmdb-layout.ts';

export type LmdbDatabase = RootDatabase<Buffer, Uint8Array>;

export async function openLmdb(folder: string, project: string): Promise<LmdbDatabase> {
  await prepareFolder(folder);
  let database: LmdbDatabase | null = null;
  try {
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

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw lmdbFailure(cause, folder);
    throw new PlumbError('STORE_UNAVAILABLE', `The online store in ${folder} cannot be opened: ${reasonOf(code)}`, {
      details: { folder },
      cause,
    });
  }
}

function reasonOf(code: string | undefined): string {
  if (code === 'EROFS') return 'the file system is mounted read-only; it needs a folder that can be written';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read and write the folder';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'the path, or a part of it, is a file and no folder';
  return `the folder cannot be used (${code ?? 'unknown error'})`;
}

/** Writes format and project into a new database; refuses one of another format or project. */
function claimFolder(database: LmdbDatabase, folder: string, project: string): void {
  const stored = database.transactionSync(() => {
    const found = database.get(OWNER_KEY);
    if (found === undefined) database.putSync(OWNER_KEY, encodeOwner({ format: FORMAT_VERSION, project }));
    return found;
  });
  if (stored === undefined) return;
  const owner = decodeOwner(stored);
  if (owner.format !== FORMAT_VERSION) {
    const message = `The online store in ${folder} has format ${owner.format}, expected ${FORMAT_VERSION}: use the version of Plumb that wrote it, or another folder`;
    throw new PlumbError('STORAGE_CORRUPT', message, { details: { folder } });
  }
  if (owner.project === project) return;
  const message = `The online store in ${folder} belongs to project ${JSON.stringify(owner.project)}, not to ${JSON.stringify(project)}: give each project a folder of its own (online.path)`;
  throw new PlumbError('STORE_UNAVAILABLE', message, { details: { folder } });
}
