// The runs of a view that may hold erased keys, and their parts without them.
import { PlumbError } from '../../schemas/errors.ts';
import { STARTED_FILE } from '../materialize/run-files.ts';
import { MANIFEST_FILE } from '../offline/manifest.ts';
import { RUNS_PREFIX, type RunManifest, readRunManifest, runFolder, runOfKey } from '../offline/manifest-run.ts';
import { totalRows } from '../storage/totals.ts';
import { placesInRun, roleInRun } from './entity-columns.ts';
import type { Erasing } from './erasing.ts';
import {
  cleanParts,
  doneBefore,
  goneOf,
  NO_PARTS,
  noteOf,
  type Rewritten,
  replaceManifest,
  sumOf,
} from './rewrite-parts.ts';

/** A run whose view is of the entity. */
export interface HoldingRun {
  readonly manifest: RunManifest;
  /** Of the entity's keys, among the key columns. */
  readonly places: readonly number[];
}

/** Oldest first, without those that are damaged. */
export async function holdingRuns(erasing: Erasing, view: string): Promise<readonly HoldingRun[]> {
  const names = runsWith(await filesOf(erasing, view), MANIFEST_FILE);
  const runs: HoldingRun[] = [];
  for (const run of names.toSorted()) {
    const manifest = await unlessDamaged(erasing, runFolder(view, run), readRunManifest(erasing.store, view, run));
    const places = manifest === null ? null : await placesInRun(erasing, manifest);
    if (manifest !== null && places !== null) runs.push({ manifest, places });
  }
  return runs;
}

/** One that was begun and has neither ended nor been given up. */
export async function hasUnfinishedRun(erasing: Erasing, view: string): Promise<boolean> {
  const files = await filesOf(erasing, view);
  const ended = new Set(runsWith(files, MANIFEST_FILE));
  return runsWith(files, STARTED_FILE).some((run) => !ended.has(run));
}

interface RunFile {
  readonly run: string;
  readonly file: string;
  readonly key: string;
}

async function filesOf({ store }: Erasing, view: string): Promise<readonly RunFile[]> {
  const objects = await store.list(`${RUNS_PREFIX}${view}/`);
  return objects.flatMap(({ key }) => {
    const found = runOfKey(key);
    return found === null ? [] : [{ ...found, key }];
  });
}

const runsWith = (files: readonly RunFile[], wanted: string): readonly string[] =>
  files.flatMap(({ run, file }) => (file === wanted ? [run] : []));

/** null: it is left as it is, and the report says so. */
export async function unlessDamaged<T>({ left }: Erasing, what: string, reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
    left.set(what, error.message);
    return null;
  }
}

/** Whether the run was planned without the erased rows. */
export const knows = ({ erasure }: Erasing, { withoutErased = [] }: RunManifest): boolean =>
  withoutErased.includes(erasure.id);

/** Under the lease of the view. Returns what the run held. */
export async function cleanRun(erasing: Erasing, run: HoldingRun): Promise<Rewritten> {
  const { manifest } = run;
  const folder = runFolder(manifest.view, manifest.run);
  return (
    doneBefore(erasing, manifest.erased) ??
    (await unlessDamaged(erasing, folder, cleanUndone(erasing, folder, run))) ??
    NO_PARTS
  );
}

async function cleanUndone(erasing: Erasing, folder: string, { manifest, places }: HoldingRun): Promise<Rewritten> {
  const isRow = manifest.viewKind === 'row';
  const role = roleInRun(erasing, manifest, { places, isTimed: isRow });
  const keysOnly = roleInRun(erasing, manifest, { places, isTimed: false });
  const of = { folder, keepsEmpty: false };
  const parts = await cleanParts(erasing, {
    ...of,
    parts: manifest.parts,
    roles: knows(erasing, manifest) ? [] : [role],
  });
  const tombstones = await cleanParts(erasing, { ...of, parts: manifest.tombstoneParts, roles: [keysOnly] });
  const touched = sumOf([parts, tombstones]);
  if (touched.parts === 0 || erasing.dryRun) return touched;
  const next: RunManifest = {
    ...manifest,
    parts: parts.cleaned,
    tombstoneParts: tombstones.cleaned,
    rows: totalRows(parts.cleaned),
    tombstones: totalRows(tombstones.cleaned),
    erased: noteOf(erasing, manifest.erased, touched),
  };
  const gone = [...goneOf(manifest.parts, parts.cleaned), ...goneOf(manifest.tombstoneParts, tombstones.cleaned)];
  await replaceManifest(erasing, folder, { manifest: next, gone });
  return touched;
}

/** Parts that no manifest names: of runs that died, and of an erasure that was cut off. Under the lease nobody writes any. */
export async function removeUnnamedParts(erasing: Erasing, view: string): Promise<void> {
  const { store } = erasing;
  const byRun = Map.groupBy(await filesOf(erasing, view), ({ run }) => run);
  for (const [run, ofRun] of byRun) {
    const manifest = await readRunManifest(store, view, run).catch((error: unknown) => {
      if (error instanceof PlumbError && error.code === 'STORAGE_CORRUPT') return undefined;
      throw error;
    });
    // What a damaged manifest names is not known.
    if (manifest === undefined) continue;
    const named = new Set([...(manifest?.parts ?? []), ...(manifest?.tombstoneParts ?? [])].map(({ path }) => path));
    const unnamed = ofRun.filter(({ file }) => file.endsWith('.parquet') && !named.has(file));
    await store.delete(unnamed.map(({ key }) => key));
  }
}
