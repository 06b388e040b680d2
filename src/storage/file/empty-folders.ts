// Folders whose objects were deleted. A folder store keeps them, because a writer may just have made one for its object;
// those that nobody touched for long are removed when the storage is cleaned.
import type { Dirent } from 'node:fs';
import { lstat, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RESERVED_FOLDERS } from '../object-key.ts';

/** Those above are few, and many write into them: `views/<view>/<run>/` is the shortest that goes. */
const FEWEST_SEGMENTS = 3;

/** Never fails: what cannot be removed stays for the next time. */
export async function removeEmptyFolders(root: string, untouchedSinceMillis: number, segments = 0): Promise<void> {
  for (const entry of await entriesOf(root)) {
    if (!entry.isDirectory() || (segments === 0 && RESERVED_FOLDERS.has(entry.name))) continue;
    const folder = join(root, entry.name);
    await removeEmptyFolders(folder, untouchedSinceMillis, segments + 1);
    if (segments + 1 < FEWEST_SEGMENTS) continue;
    const stats = await lstat(folder).catch(() => null);
    // `rmdir` refuses a folder that is not empty.
    if (stats !== null && stats.mtimeMs < untouchedSinceMillis) await rmdir(folder).catch(() => undefined);
  }
}

const entriesOf = (folder: string): Promise<readonly Dirent[]> =>
  readdir(folder, { withFileTypes: true }).catch(() => []);
