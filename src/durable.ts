// Writes that survive a crash of the machine: a file is on disk when it was synced, its name when its folder was.
import type { Stats } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export async function writeSynced(path: string, content: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o666);
  await file.writeFile(content);
  await file.sync();
}

export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}

export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some network file systems cannot sync a folder; they make names durable at once.
    if (codeOf(error) !== 'EINVAL') throw error;
  }
}

/** Like mkdir -p; the names of all new folders are durable. Node's own never ends where the file system takes no folders (/proc). */
export async function makeFolders(path: string): Promise<void> {
  // A collection of empty folders may take this one, or the one above, away again.
  for (let tries = 1; ; tries += 1) {
    try {
      await mkdir(path);
      return await syncFolder(dirname(path)).catch(unlessUnreadable);
    } catch (error) {
      const found = codeOf(error) === 'EEXIST' ? await statOrNull(path) : null;
      if (found?.isDirectory() === true) return;
      const mayPass = found === null && ['EEXIST', 'ENOENT'].includes(String(codeOf(error)));
      if (!mayPass || tries === MOST_TRIES || dirname(path) === path) throw error;
      await makeFolders(dirname(path));
    }
  }
}

const MOST_TRIES = 5;

/** A folder that may be written but not read cannot be synced. */
function unlessUnreadable(error: unknown): void {
  if (codeOf(error) !== 'EACCES') throw error;
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException | null)?.code;

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
