// Errors of the file system → PlumbError, in words that name the place (a storage, an output file). Clients over the network
// are told no path of the machine.
import { PlumbError } from '../../schemas/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied: give the user that runs Plumb the right to read and write there',
  EPERM: 'the operation is not permitted there: the file system must allow hard links and renames',
  EROFS: 'it is mounted read-only',
  ENOENT: 'a folder of its path is not there and cannot be made',
  ENOTDIR: 'found a file where a folder is expected',
  EISDIR: 'found a folder where a file is expected',
  ENOTEMPTY: 'found a folder where a file is expected',
  EEXIST: 'found a file where a folder is expected, or a folder where a file is',
  ELOOP: 'found a symbolic link where a file is expected',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  EIO: 'the device reports an input/output error',
  ESTALE: 'the network file system lost the file',
};

export const errorCode = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

export const isAbsent = (error: unknown): boolean => {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
};

export function isOfDisk(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && (FULL.has(code) || code in REASONS || isAbsent(error));
}

/**
 * `place`: `storage "/srv/demo/.plumb"`; `doing`: what was tried, such as `writing views/clicks/00000001/manifest.json`;
 * `publicPlace`: what clients over the network are told in place of it.
 */
export function diskFailure(cause: unknown, place: string, doing: string, publicPlace = place): PlumbError {
  if (cause instanceof PlumbError) return cause;
  const code = errorCode(cause) ?? 'unknown';
  const details = { systemError: code };
  const isFull = FULL.has(code);
  const messageFor = (where: string): string =>
    isFull
      ? `the ${where} is full (${code}) while ${doing}: free some space and run the command again`
      : `the ${where} failed (${code}) while ${doing}: ${REASONS[code] ?? 'the file system refused'}`;
  return new PlumbError(isFull ? 'RESOURCE_EXHAUSTED' : 'STORAGE_UNAVAILABLE', messageFor(place), {
    details,
    cause,
    publicMessage: messageFor(publicPlace),
  });
}
