// Parts that an engine has finished → the storage. An engine of this machine leaves files; one that writes elsewhere would
// leave objects, to be measured and moved here as well.
import { stat } from 'node:fs/promises';
import { filePath } from '../storage/location.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { PartFile } from './compute.ts';
import { type PartInfo, sha256OfFile } from './manifest.ts';

/** Measures a finished part that will be called `path`. */
export async function describePart({ uri, rows }: PartFile, path: string): Promise<PartInfo> {
  const file = filePath(uri);
  const [{ size }, sha256] = await Promise.all([stat(file), sha256OfFile(file)]);
  return { path, rows, sizeBytes: size, sha256 };
}

/** Moves finished parts to their keys, durably. */
export const adoptParts = (
  store: ObjectStore,
  parts: readonly { readonly uri: string; readonly key: string }[],
): Promise<void> => store.adopt(parts.map(({ uri, key }) => ({ localPath: filePath(uri), key })));
