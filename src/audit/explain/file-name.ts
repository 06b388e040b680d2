// How a file is named for users: as it lies below the project's folder, else below the folder that its source names.
import { basename, dirname, isAbsolute } from 'node:path';

const WILDCARD = /[*?[{]/;

/** `path`: as SourceFile has it. An absolute one is cut to the last folder that the source writes without a wildcard. */
export function fileNameFor(sourcePath: string, path: string): string {
  if (!isAbsolute(path)) return path;
  const parts = dirname(sourcePath).split('/');
  const wild = parts.findIndex((part) => WILDCARD.test(part));
  const folder = (wild < 0 ? parts : parts.slice(0, wild)).join('/');
  return path.startsWith(`${folder}/`) ? `${basename(folder)}${path.slice(folder.length)}` : basename(path);
}
