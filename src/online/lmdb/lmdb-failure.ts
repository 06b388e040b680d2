// LMDB's and the file system's errors → PlumbError.
import { statfsSync } from 'node:fs';
import { PlumbError } from '../../../schemas/errors.ts';

const MDB_CORRUPTED = -30796;
const MDB_VERSION_MISMATCH = -30794;
const MDB_INVALID = -30793;
const MDB_MAP_FULL = -30792;
const EIO = 5;
const ENOSPC = 28;
const EDQUOT = 122;
/** LMDB answers EIO where a write was cut short, which is how a full disk usually shows. */
const NEARLY_FULL_BYTES = 16 * 1024 * 1024;

export function lmdbFailure(error: unknown, folder: string): PlumbError {
  if (error instanceof PlumbError) return error;
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (isFull(code, folder))
    return new PlumbError('RESOURCE_EXHAUSTED', `No space is left for the online store in ${folder} (${reason})`, {
      cause: error,
    });
  if (code === MDB_CORRUPTED || code === MDB_VERSION_MISMATCH || code === MDB_INVALID) {
    const message = `The online store in ${folder} is damaged or no LMDB database (${reason}): move it away and run \`plumb materialize --from-snapshot\``;
    return new PlumbError('STORAGE_CORRUPT', message, { cause: error });
  }
  return new PlumbError('STORE_UNAVAILABLE', `The online store in ${folder} cannot be used: ${reason}`, {
    cause: error,
  });
}

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
