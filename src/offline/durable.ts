// Writes that survive a crash of the machine: a file is on disk when it was synced, its name when its folder was.
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './disk-failure.ts';

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
    if (errorCode(error) !== 'EINVAL') throw error;
  }
}

/** Like mkdir -p; the names of all new folders are durable. */
export async function makeFolders(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  const above = dirname(first);
  for (let folder = dirname(path); folder.length >= above.length; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === above) return;
  }
}
