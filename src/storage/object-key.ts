// Which keys an object store takes. Every adapter checks them, so that what works on one storage works on all.
import { PlumbError } from '../../schemas/errors.ts';

/** Limits of what adapters stand on: file names end at 255 bytes, S3 keys at 1,024. */
const MAX_SEGMENT_BYTES = 255;
const MAX_KEY_BYTES = 900;
/** Top-level names that no object has: in a folder store they lie beside the objects and belong to somebody else. */
export const RESERVED_FOLDERS: ReadonlySet<string> = new Set(['work', 'tmp', 'online', 'log']);

/** `views/clicks/00000001/manifest.json`: relative, no empty segment, no `.` or `..`, no NUL, no backslash. */
export function requireKey(key: string): void {
  const mistake = keyMistake(key);
  if (mistake !== null) refuse('key', key, mistake);
}

/** Empty (everything), or a folder that ends in `/`. */
export function requirePrefix(prefix: string): void {
  if (prefix === '') return;
  const mistake = prefix.endsWith('/') ? keyMistake(prefix.slice(0, -1)) : 'it does not end in /';
  if (mistake !== null) refuse('prefix', prefix, mistake);
}

/** What `requireKey` takes. A bucket may hold other names, by other hands. */
export const isKey = (key: string): boolean => keyMistake(key) === null;

function refuse(what: string, found: string, mistake: string): never {
  const message = `found the object ${what} ${JSON.stringify(found)}, expected a relative one such as datasets/ranking/: ${mistake}`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { [what]: found } });
}

function keyMistake(key: string): string | null {
  if (!key.isWellFormed()) return 'it is not well-formed Unicode';
  if (/[\0\\]/.test(key)) return 'it holds a NUL or a backslash';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  const segments = key.split('/');
  if (RESERVED_FOLDERS.has(segments[0] as string)) return `${segments[0]}/ is not for objects`;
  for (const segment of segments) {
    if (segment === '') return 'a segment is empty';
    if (segment === '.' || segment === '..') return `a segment is ${segment}`;
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) return `a segment is longer than ${MAX_SEGMENT_BYTES} bytes`;
  }
  return null;
}
