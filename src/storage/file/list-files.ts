// All regular files below a folder, in byte order of their keys. Symbolic links are not followed and not listed.
import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compareBytes } from '../byte-order.ts';
import { isAbsent } from '../disk-failure.ts';
import { RESERVED_FOLDERS } from '../object-key.ts';
import type { ObjectInfo } from '../object-store.ts';
import { fileIdentity } from './identity.ts';

/** `prefix`: empty, or a folder that ends in `/`. */
export async function listFiles(root: string, prefix: string): Promise<readonly ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  await collect(root, prefix, found);
  return found.sort((left, right) => compareBytes(left.key, right.key));
}

async function collect(root: string, prefix: string, found: ObjectInfo[]): Promise<void> {
  const entries = await unlessAbsent(readdir(join(root, prefix), { withFileTypes: true }));
  for (const entry of entries ?? []) {
    const key = `${prefix}${entry.name}`;
    if (entry.isDirectory() && !RESERVED_FOLDERS.has(key)) await collect(root, `${key}/`, found);
    if (!entry.isFile()) continue;
    const stats = await unlessAbsent(lstat(join(root, key), { bigint: true }));
    if (stats?.isFile()) found.push(infoOf(key, stats));
  }
}

const infoOf = (key: string, stats: BigIntStats): ObjectInfo => ({
  key,
  sizeBytes: Number(stats.size),
  identity: fileIdentity(stats),
  modifiedAtMillis: Number(stats.mtimeMs),
});

/** Files may be deleted while they are listed. */
async function unlessAbsent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
