// Training sets without the label rows of erased keys, under the lease that keeps collections and backups away.
import type { ErasedDataset } from '../../schemas/wire-types.ts';
import { pause } from '../cancelled.ts';
import { failpoint } from '../failpoint.ts';
import type { DatasetManifest } from '../offline/dataset.ts';
import { DATASETS_PREFIX, datasetFolder, datasetOfManifest, readDataset } from '../offline/stored-dataset.ts';
import { DATASET_LEASES, GC_LEASE } from '../storage/leases/lease.ts';
import { totalRows } from '../storage/totals.ts';
import { rolesInDataset } from './entity-columns.ts';
import type { Erasing } from './erasing.ts';
import {
  cleanParts,
  doneBefore,
  goneOf,
  noteOf,
  type Rewritten,
  replaceManifest,
  rootOfPart,
} from './rewrite-parts.ts';
import { underLeases } from './under-leases.ts';
import { unlessDamaged } from './view-runs.ts';

const LOOK_MILLIS = 250;
/** A build that shows no life for so long is dead; should it only stand still, it finds the erasure when it commits. */
const DEAD_AFTER_MILLIS = 120_000;

/** Until every build that began before now is over: what begins later leaves the rows out by itself. */
export async function afterBuilds({ leases, signal, onProgress }: Erasing): Promise<void> {
  const seen = new Map<string, { readonly renewedAt: string; readonly sinceMillis: number }>();
  for (const { name, renewedAt } of await leases.holders(DATASET_LEASES))
    seen.set(name, { renewedAt, sinceMillis: performance.now() });
  while (seen.size > 0) {
    const holders = new Map((await leases.holders(DATASET_LEASES)).map((holder) => [holder.name, holder]));
    for (const [name, last] of seen) {
      const holder = holders.get(name);
      if (holder === undefined || performance.now() - last.sinceMillis > DEAD_AFTER_MILLIS) seen.delete(name);
      else if (holder.renewedAt !== last.renewedAt)
        seen.set(name, { renewedAt: holder.renewedAt, sinceMillis: performance.now() });
    }
    if (seen.size === 0) return;
    onProgress({ doing: `waiting for builds of training sets: ${seen.size}`, done: 0, total: null });
    await pause(LOOK_MILLIS, signal);
  }
}

export async function eraseDatasets(erasing: Erasing): Promise<readonly ErasedDataset[]> {
  if (erasing.dryRun) return await cleanAll(erasing);
  await afterBuilds(erasing);
  const wanted = { names: [GC_LEASE], purpose: 'erasing keys from training sets' };
  return await underLeases(erasing, wanted, cleanAll);
}

async function cleanAll(erasing: Erasing): Promise<readonly ErasedDataset[]> {
  const keys = (await erasing.store.list(DATASETS_PREFIX)).map(({ key }) => key);
  const found = keys.map(datasetOfManifest).filter((one) => one !== null);
  const erased: ErasedDataset[] = [];
  for (const [done, [name, version]] of found.entries()) {
    erasing.onProgress({ doing: `training set ${name}@${version}`, done, total: found.length });
    const folder = datasetFolder(name, version);
    const cleaned = await unlessDamaged(erasing, folder, cleanDataset(erasing, name, version));
    if (cleaned !== null && cleaned.parts > 0) erased.push({ name, version, ...cleaned });
    if (!erasing.dryRun) await removeFormerParts(erasing, keys, { name, version });
    failpoint('erasure.dataset_done');
  }
  return erased;
}

/** null: it is gone, or was made without the erased rows. */
async function cleanDataset(erasing: Erasing, name: string, version: number): Promise<Rewritten | null> {
  const manifest = await readDataset(erasing.store, name, version);
  if (manifest === null || manifest.withoutErased?.includes(erasing.erasure.id)) return null;
  const before = doneBefore(erasing, manifest.erased);
  if (before !== null) return before;
  const roles = await rolesInDataset(erasing, manifest);
  const folder = datasetFolder(name, version);
  const { cleaned, ...touched } = await cleanParts(erasing, { folder, parts: manifest.parts, roles, keepsEmpty: true });
  if (touched.parts === 0 || erasing.dryRun) return touched;
  const next: DatasetManifest = {
    ...manifest,
    parts: cleaned,
    rows: totalRows(cleaned),
    erased: noteOf(erasing, manifest.erased, touched),
  };
  await replaceManifest(erasing, folder, { manifest: next, gone: goneOf(manifest.parts, cleaned) });
  return touched;
}

/** Where an erasure was cut off behind the manifest, or before it. Parts of a build have other names. */
async function removeFormerParts(
  { store }: Erasing,
  keys: readonly string[],
  { name, version }: Pick<DatasetManifest, 'name' | 'version'>,
): Promise<void> {
  const folder = datasetFolder(name, version);
  const manifest = await readDataset(store, name, version).catch(() => null);
  const named = new Set((manifest?.parts ?? []).map(({ path }) => path));
  const roots = new Set([...named].map(rootOfPart));
  const former = keys.filter((key) => {
    const file = key.startsWith(folder) ? key.slice(folder.length) : '';
    return file.endsWith('.parquet') && !named.has(file) && roots.has(rootOfPart(file));
  });
  await store.delete(former);
}
