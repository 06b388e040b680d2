// LMDB's and the file system's errors → PlumbError.
import { statfsSync } from 'node:fs';
import { type ErrorCode, PlumbError } from '../../../schemas/errors.ts';

const MDB_CORRUPTED = -30796;
const MDB_VERSION_MISMATCH = -30794;
const MDB_INVALID = -30793;
const MDB_MAP_FULL = -30792;
const EIO = 5;
const ENOSPC = 28;
const EDQUOT = 122;
/** LMDB returns EIO where a write was cut short, which is how a full disk usually shows. */
const NEARLY_FULL_BYTES = 16 * 1024 * 1024;

export function lmdbFailure(error: unknown, folder: string): PlumbError {
  if (error instanceof PlumbError) return error;
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (isFull(code, folder)) return lmdbError('RESOURCE_EXHAUSTED', folder, `has no space left (${reason})`, error);
  if (code === MDB_CORRUPTED || code === MDB_VERSION_MISMATCH || code === MDB_INVALID)
    return lmdbError('STORAGE_CORRUPT', folder, `${DAMAGED} (${reason})`, error);
  return lmdbError('STORE_UNAVAILABLE', folder, `cannot be used: ${reason}`, error);
}

export const DAMAGED = 'is damaged or no LMDB database: move it away and run `plumb materialize --from-snapshot`';

/** `what`: what is wrong with it. Clients over the network are not told where it is. */
export const lmdbError = (code: ErrorCode, folder: string, what: string, cause?: unknown): PlumbError =>
  new PlumbError(code, `The online store in ${folder} ${what}`, {
    privateDetails: { folder },
    publicMessage: `The online store ${what.replaceAll(folder, 'its folder')}`,
    cause,
  });

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code;

function isFull(code: unknown, folder: string): boolean {
  if (code === ENOSPC || code === EDQUOT || code === MDB_MAP_FULL || code === 'ENOSPC' || code === 'EDQUOT')
    return true;
  return code === EIO && freeBytes(folder) < NEARLY_FULL_BYTES;
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
