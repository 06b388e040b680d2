import { copyFile, rename, rm } from 'node:fs/promises';
import { syncFile } from '../../durable.ts';
import { errorCode } from '../disk-failure.ts';
import type { WorkArea } from '../work-area.ts';

/** A rename. Where `from` lies on another file system, it is copied into the work area first, and the copy is renamed. */
export async function moveFile(from: string, to: string, work: WorkArea): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    const copy = await work.filePath();
    await copyFile(from, copy);
    await syncFile(copy);
    await rename(copy, to);
    await rm(from);
  }
}
