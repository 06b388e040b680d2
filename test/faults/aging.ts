// Days pass for what is stored, in a folder or in the one in which the S3 server has its objects, whose times it tells.
// The clock of the machine stays where it is, and so do the states of the online store: no row of it is past its need.
import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { REGISTRY_PREFIX } from '../../src/registry/version-document.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';

/** More than the grace period, and than any `maxAge` of the histories. */
const AGE_MILLIS = 10 * 86_400_000;
/** Where the online store lies, if it is a folder. */
const NOT_STORED = 'online';

/** Versions tell by themselves when they were registered. */
export async function ageVersions(store: ObjectStore): Promise<void> {
  for (const { key } of await store.list(REGISTRY_PREFIX)) {
    const bytes = await store.get(key);
    if (bytes === null) continue;
    const document = JSON.parse(Buffer.from(bytes).toString()) as { readonly appliedAt: string };
    const appliedAt = new Date(Date.parse(document.appliedAt) - AGE_MILLIS).toISOString();
    await store.put(key, Buffer.from(`${JSON.stringify({ ...document, appliedAt }, null, 1)}\n`));
  }
}

/** Everything below the folders of `root`, by so much, so that what was older stays older. */
export async function ageFiles(root: string): Promise<void> {
  for (const folder of await readdir(root, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name === NOT_STORED) continue;
    for (const entry of await readdir(join(root, folder.name), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const then = new Date((await stat(path)).mtimeMs - AGE_MILLIS);
      await utimes(path, then, then);
    }
  }
}
