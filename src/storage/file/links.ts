// What the file store asks of the file system about links: hard ones give a new object its key, symbolic ones are refused.
import type { Stats } from 'node:fs';
import { link, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, isAbsent } from '../disk-failure.ts';

/** Below `root`, the first part of `key` that is a symbolic link; null where none is. */
export async function findSymbolicLink(root: string, key: string): Promise<string | null> {
  let at = '';
  for (const segment of key.split('/')) {
    at = join(at, segment);
    const stats = await lstatOrNull(join(root, at));
    if (stats === null) return null;
    if (stats.isSymbolicLink()) return at;
  }
  return null;
}

/** False where something has the name `to` already. */
export async function linkUnlessExists(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && !(await lstatOrNull(to))?.isDirectory()) return false;
    throw error;
  }
}

export async function lstatOrNull(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
