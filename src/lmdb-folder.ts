// Looks at the folder before LMDB does: it crashes the process on a file that is no database, and names no reasons.
import { constants } from 'node:fs';
import { access, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from './durable.ts';
import { damaged, type LmdbPlace, lmdbError, lmdbFailure } from './lmdb-failure.ts';

const USABLE = constants.R_OK | constants.W_OK | constants.X_OK;

/** Makes the folder where there is none. STORE_UNAVAILABLE where it cannot be read and written. */
export async function prepareFolder(place: LmdbPlace): Promise<void> {
  const { folder } = place;
  try {
    await makeFolders(folder);
    await access(folder, USABLE);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw lmdbFailure(cause, place);
    throw lmdbError('STORE_UNAVAILABLE', place, `cannot be opened: ${reasonOf(code)}`, cause);
  }
}

function reasonOf(code: string | undefined): string {
  if (code === 'EROFS') return 'the file system is mounted read-only; it needs a folder that can be written';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read and write the folder';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'the path, or a part of it, is a file and no folder';
  return `the folder cannot be used (${code ?? 'unknown error'})`;
}

/** What LMDB needs before its first row: lock file and first pages. */
const NEW_DATABASE_BYTES = 64 * 1024;

/** RESOURCE_EXHAUSTED where a new database has no room: LMDB maps its lock file, and a full disk then kills the process. */
export async function refuseFullDisk({ folder }: LmdbPlace): Promise<void> {
  if (await isFilled(join(folder, 'lock.mdb'))) return;
  const probe = join(folder, `space-${process.pid}.tmp`);
  try {
    await writeFile(probe, Buffer.alloc(NEW_DATABASE_BYTES));
  } finally {
    await rm(probe, { force: true });
  }
}

/** STORE_UNAVAILABLE where there is no data file: a database that was there is not replaced by an empty one. */
export async function refuseAbsent(place: LmdbPlace): Promise<void> {
  if (await isFilled(join(place.folder, 'data.mdb'))) return;
  throw lmdbError('STORE_UNAVAILABLE', place, `was removed: ${place.ifRemoved}`);
}

/**
 * Asked without opening it: a process that closes any descriptor of the lock file loses all its locks on it (POSIX), and
 * others then take it for dead.
 */
async function isFilled(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** MDB_MAGIC, in the meta page that every LMDB file starts with. */
const MAGIC = 0xbeefc0de;
const MAGIC_OFFSET = 24;

/** STORAGE_CORRUPT for a data file that is neither empty nor an LMDB database. */
export async function refuseForeignFile(place: LmdbPlace): Promise<void> {
  const head = await readHead(join(place.folder, 'data.mdb'), MAGIC_OFFSET + 4);
  if (head.length === 0 || (head.length === MAGIC_OFFSET + 4 && head.readUInt32LE(MAGIC_OFFSET) === MAGIC)) return;
  throw lmdbError('STORAGE_CORRUPT', place, damaged(place));
}

async function readHead(path: string, sizeBytes: number): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
