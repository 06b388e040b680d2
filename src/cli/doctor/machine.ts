// Checks of the machine: the version of Node, the space on disk.
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const NEEDED_MAJOR = 24;
const GIB = 2 ** 30;

export function checkNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= NEEDED_MAJOR) return ok(version);
  return fail(version, `Plumb needs Node ${NEEDED_MAJOR} or newer`);
}

export async function checkDiskSpace({ storage, s3 }: Config): Promise<Finding> {
  const path = nearestExisting(storage.startsWith('s3://') ? s3.cacheFolder : storage);
  const { bavail, blocks, bsize } = await statfs(path);
  const found = `${((bavail * bsize) / GIB).toFixed(1)} GiB free at ${path}`;
  if (bavail * bsize < GIB / 10) return fail(found, 'free some space: runs spill and write snapshots there');
  if (bavail * bsize < GIB || bavail / blocks < 0.02)
    return warn(found, 'free some space: runs spill and write snapshots there');
  return ok(found);
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
