// Where a file lies, as a URI, so that who reads it may be elsewhere: file:///… on this machine, s3://bucket/key in a bucket.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PlumbError } from '../../schemas/errors.ts';

/** `path`: absolute. */
export const fileUri = (path: string): string => pathToFileURL(path).href;

/** NOT_SUPPORTED for what is no file of this machine. */
export function filePath(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new PlumbError('NOT_SUPPORTED', `found ${uri}, expected a file of this machine (file:///…)`, { cause });
  }
}
