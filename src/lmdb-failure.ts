// LMDB's and the file system's errors → PlumbError, for whoever keeps a database of LMDB in a folder.
import { statfsSync } from 'node:fs';
import { type ErrorCode, PlumbError } from '../schemas/errors.ts';

/** A database in a folder, and how messages speak of it. */
export interface LmdbPlace {
  readonly folder: string;
  /** Such as `online store`. */
  readonly called: string;
  /** What to do where it is damaged, and where it was removed. */
  readonly ifDamaged: string;
  readonly ifRemoved: string;
}

const MDB_CORRUPTED = -30796;
const MDB_VERSION_MISMATCH = -30794;
const MDB_INVALID = -30793;
const MDB_MAP_FULL = -30792;
const EIO = 5;
const ENOSPC = 28;
const EDQUOT = 122;
/** LMDB returns EIO where a write was cut short, which is how a full disk usually shows. */
const NEARLY_FULL_BYTES = 16 * 1024 * 1024;

export function lmdbFailure(error: unknown, place: LmdbPlace): PlumbError {
  if (error instanceof PlumbError) return error;
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (isFull(code, place.folder)) return lmdbError('RESOURCE_EXHAUSTED', place, `has no space left (${reason})`, error);
  if (code === MDB_CORRUPTED || code === MDB_VERSION_MISMATCH || code === MDB_INVALID)
    return lmdbError('STORAGE_CORRUPT', place, `${damaged(place)} (${reason})`, error);
  return lmdbError('STORE_UNAVAILABLE', place, `cannot be used: ${reason}`, error);
}

export const damaged = ({ ifDamaged }: LmdbPlace): string => `is damaged or no LMDB database: ${ifDamaged}`;

/** `what`: what is wrong with it. Clients over the network are not told where it is. */
export const lmdbError = (code: ErrorCode, { called, folder }: LmdbPlace, what: string, cause?: unknown): PlumbError =>
  new PlumbError(code, `The ${called} in ${folder} ${what}`, {
    privateDetails: { folder },
    publicMessage: `The ${called} ${what.replaceAll(folder, 'its folder')}`,
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
