// Which runs of a view stay, and the removal of the others. A manifest goes first, then its parts: where that is cut off,
// what is left is unreferenced.
import { failpoint } from '../failpoint.ts';
import { REPORT_FILE, STARTED_FILE, TRACE_FILE } from '../materialize/run-files.ts';
import { endFolder, MANIFEST_FILE } from '../offline/manifest.ts';
import { type RunManifest, readRunManifest, runFolder, runFolderName } from '../offline/manifest-run.ts';
import { generationsOf } from '../online/serving-state.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { readEach } from '../storage/read-each.ts';
import { totalBytes } from '../storage/totals.ts';
import type { CollectedView } from './collected-view.ts';
import { type GcContext, isYoung, keysOf } from './gc-context.ts';
import { isYounger } from './policy.ts';
import { type RunFolder, runFolders } from './run-folders.ts';

/** A run as its folder and its manifest tell; null: it has none, or something stands in its place. */
interface Run extends RunFolder {
  readonly manifest: RunManifest | null;
}

/** What a folder holds beside parts. */
const RECORD_FILES: readonly string[] = [MANIFEST_FILE, STARTED_FILE, TRACE_FILE, REPORT_FILE];

/** False where the budget was spent before all were looked at. */
export async function collectRuns(context: GcContext, view: CollectedView): Promise<boolean> {
  const mayGoOn = context.tally.fromHere();
  const runs = await readRuns(context, view.name);
  const kept = keptRuns(context, view, runs);
  for (const run of runs.toReversed()) {
    if (!mayGoOn()) return false;
    const why = kept.get(run.run);
    if (run.manifest === null) await collectUnfinished(context, view, run, why);
    else if (why === undefined) await removeRun(context, view, run);
    else {
      context.tally.leave('snapshot', view.name, 1, why);
      await removeUnnamed(context, view, run, run.manifest);
    }
  }
  return true;
}

async function readRuns({ store }: GcContext, view: string): Promise<readonly Run[]> {
  const runs = readEach(await runFolders(store, view), async (folder): Promise<Run> => {
    const manifest = hasFile(folder, MANIFEST_FILE) ? await readRunManifest(store, view, folder.run) : null;
    return { ...folder, manifest };
  });
  return await Array.fromAsync(runs);
}

const fileOf = ({ key }: ObjectInfo): string => key.slice(key.lastIndexOf('/') + 1);
const hasFile = ({ objects }: RunFolder, file: string): boolean => objects.some((object) => fileOf(object) === file);

/** Run → why it stays, the first reason that holds. Whatever stays keeps its whole chain. `runs`: newest first. */
function keptRuns(
  { policy, nowMicros }: GcContext,
  { state, fingerprints }: CollectedView,
  runs: readonly Run[],
): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const manifests = new Map(runs.map(({ run, manifest }) => [run, manifest]));
  const keep = (run: string | undefined, why: string): void => {
    if (run === undefined) return;
    for (const link of [run, ...(manifests.get(run)?.chain ?? [])]) if (!kept.has(link)) kept.set(link, why);
  };
  const snapshots = runs.filter(({ manifest }) => manifest !== null);
  if (fingerprints !== null) {
    for (const { run } of generationsOf(state)) keep(run, 'the online store is built from it');
    // Also what names its run alone, as one that loaded a snapshot again does.
    if (state.token > 0n) keep(runFolderName(Number(state.token)), 'it was the last to write to the online store');
    for (const fingerprint of fingerprints) {
      const newest = snapshots.find(({ manifest }) => manifest?.fingerprint === fingerprint);
      keep(newest?.run, 'an emptied online store is filled from it');
    }
    // Run numbers are counted from it.
    keep(runs[0]?.run, 'it is the last run');
    for (const { run } of snapshots.slice(0, policy.snapshots.keep)) keep(run, 'it is among the newest');
  }
  for (const { run, newestMillis } of snapshots) {
    if (isYounger(newestMillis, policy.graceMicros, nowMicros)) keep(run, 'it is younger than the grace period');
    if (isYounger(newestMillis, policy.snapshots.maxAgeMicros, nowMicros)) keep(run, 'it is younger than maxAge');
  }
  return kept;
}

async function removeRun(context: GcContext, { name, confirm }: CollectedView, { objects }: Run): Promise<void> {
  await confirm();
  await removeFolder(context, objects);
  context.tally.remove('snapshot', name, 1, totalBytes(objects), objects.length);
}

/** The manifest first; then what makes a run of it, so that nobody takes what is left for one that was cut off. */
async function removeFolder({ store, dryRun }: GcContext, objects: readonly ObjectInfo[]): Promise<void> {
  if (dryRun) return;
  for (const file of [MANIFEST_FILE, STARTED_FILE]) {
    await store.delete(keysOf(objects.filter((object) => fileOf(object) === file)));
    failpoint('gc.manifest_removed');
  }
  await store.delete(keysOf(objects));
  failpoint('gc.folder_removed');
}

/**
 * A run that will never have a manifest: its parts go, and once it is old the rest of it too. Where it did not report its
 * own end, what stands in the place of its manifest stays for ever: its process may only be paused.
 */
async function collectUnfinished(
  context: GcContext,
  { name, confirm }: CollectedView,
  run: Run,
  why: string | undefined,
): Promise<void> {
  const { store, dryRun, policy, nowMicros, tally } = context;
  const parts = run.objects.filter((object) => !RECORD_FILES.includes(fileOf(object)));
  // Without the manifest: another process may have put it there just now.
  const others = run.objects.filter((object) => fileOf(object) !== MANIFEST_FILE);
  const newestMillis = Math.max(0, ...others.map(({ modifiedAtMillis }) => modifiedAtMillis));
  if (isYounger(newestMillis, policy.graceMicros, nowMicros)) {
    tally.leave('unreferenced parts', name, parts.length, 'they are younger than the grace period');
    return;
  }
  await confirm();
  const isOld = why === undefined && !isYounger(newestMillis, policy.snapshots.maxAgeMicros, nowMicros);
  if (isOld && hasFile(run, REPORT_FILE)) {
    await removeFolder(context, run.objects);
    tally.remove('run without a snapshot', name, 1, totalBytes(run.objects), run.objects.length);
    return;
  }
  const gone = isOld ? run.objects.filter((object) => fileOf(object) !== MANIFEST_FILE) : parts;
  if (!dryRun && gone.length > 0) {
    const folder = runFolder(name, run.run);
    // Its process may have been faster.
    if (!(await endFolder(store, folder, 'abandoned')) && (await readRunManifest(store, name, run.run)) !== null)
      return;
    failpoint('gc.folder_ended');
    await store.delete(keysOf(gone));
  }
  tally.remove('unreferenced parts', name, gone.length, totalBytes(gone));
}

/** Beside the parts that the manifest names. */
async function removeUnnamed(
  context: GcContext,
  { name }: CollectedView,
  { objects }: Run,
  { parts, tombstoneParts }: RunManifest,
): Promise<void> {
  const named = new Set([...parts, ...tombstoneParts].map(({ path }) => path));
  const unnamed = objects.filter(
    (object) => ![...RECORD_FILES, ...named].includes(fileOf(object)) && !isYoung(context, object),
  );
  if (!context.dryRun) await context.store.delete(keysOf(unnamed));
  context.tally.remove('unreferenced parts', name, unnamed.length, totalBytes(unnamed));
}
