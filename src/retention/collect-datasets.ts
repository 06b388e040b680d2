// Versions of datasets outside of their retention, and parts that no manifest names. A build that takes columns
// from a dataset holds its parts by links or copies of its own, so builds and this exclude each other in one thing only:
// unreferenced parts stay while any build lives.
import { PlumbError } from '../../schemas/errors.ts';
import { failpoint } from '../failpoint.ts';
import { parseInstant } from '../instant.ts';
import { BOUND_PREFIX, boundKey } from '../offline/bound-marks.ts';
import type { DatasetManifest } from '../offline/dataset.ts';
import { endFolder, MANIFEST_FILE } from '../offline/manifest.ts';
import {
  DATASETS_PREFIX,
  datasetFolder,
  KEPT_FILE,
  REMOVING_FILE,
  readDataset,
  versionOfDatasetKey,
} from '../offline/stored-dataset.ts';
import { DATASET_LEASES } from '../storage/leases/lease.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { totalBytes } from '../storage/totals.ts';
import { type GcContext, groupBy, isYoung, keysOf } from './gc-context.ts';
import { isYounger, silenceOfTheDead } from './policy.ts';

interface Version {
  readonly version: number;
  readonly folder: string;
  readonly objects: readonly ObjectInfo[];
  /** null: it has none, or something stands in its place. */
  readonly manifest: DatasetManifest | null;
}

const KEPT = 'it is kept by `plumb dataset keep`';
const BOUND = 'it is bound by `plumb dataset bind`';

export async function* collectDatasets(context: GcContext, after: string | null): AsyncGenerator<string | null, void> {
  let last = after;
  const isBuilding = await anyBuildLives(context);
  const all = await context.store.list(DATASETS_PREFIX);
  for (const [name, objects] of groupBy(all, (key) => versionOfDatasetKey(key)?.name)) {
    if (after !== null && name <= after) continue;
    // One that was not finished comes first the next time.
    if (await collectOrLeave(context, name, objects, isBuilding)) last = name;
    yield last;
  }
}

/** One that died without a word, on a machine that nobody can ask, is none once it is surely dead. */
async function anyBuildLives({ leases, policy, nowMicros }: GcContext): Promise<boolean> {
  const holders = await leases.holders(DATASET_LEASES);
  const silentMicros = silenceOfTheDead(policy);
  return holders.some(({ renewedAt }) => nowMicros - (parseInstant(renewedAt) ?? nowMicros) < silentMicros);
}

/** A damaged one keeps no other from being collected. */
async function collectOrLeave(...[context, name, ...rest]: Parameters<typeof collectDataset>): Promise<boolean> {
  try {
    return await collectDataset(context, name, ...rest);
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
    context.tally.leave('dataset', name, 1, error.message);
    return true;
  }
}

/** False where the budget was spent before it was done. */
async function collectDataset(
  context: GcContext,
  name: string,
  objects: readonly ObjectInfo[],
  isBuilding: boolean,
): Promise<boolean> {
  const mayGoOn = context.tally.fromHere();
  const versions = await readVersions(context, name, objects);
  const bound = new Set((await context.store.list(`${BOUND_PREFIX}${name}/`)).map(({ key }) => key));
  const kept = keptVersions(context, versions);
  for (const { version } of versions)
    if (bound.has(boundKey(name, version)) && !kept.has(version)) kept.set(version, BOUND);
  for (const version of versions.toReversed()) {
    if (!mayGoOn()) return false;
    const why = kept.get(version.version);
    if (version.manifest !== null && why === undefined) await removeVersion(context, name, version);
    else await removeUnreferenced(context, name, version, isBuilding);
    if (version.manifest !== null && why !== undefined) await keepVersion(context, name, version, why);
  }
  return true;
}

/** Newest first. */
async function readVersions(
  { store }: GcContext,
  name: string,
  objects: readonly ObjectInfo[],
): Promise<readonly Version[]> {
  const versions: Version[] = [];
  for (const [version, ofVersion] of groupBy(objects, (key) => versionOfDatasetKey(key)?.version)) {
    const manifest = await readDataset(store, name, version);
    versions.push({ version, folder: datasetFolder(name, version), objects: ofVersion, manifest });
  }
  return versions.toSorted((left, right) => right.version - left.version);
}

const MARKS: ReadonlySet<string> = new Set([KEPT_FILE, REMOVING_FILE]);
const fileOf = ({ key }: ObjectInfo): string => key.slice(key.lastIndexOf('/') + 1);
const find = ({ objects }: Version, file: string): ObjectInfo | undefined =>
  objects.find((object) => fileOf(object) === file);

/** Version → why it stays. */
function keptVersions(context: GcContext, versions: readonly Version[]): Map<number, string> {
  const kept = new Map<number, string>();
  for (const [place, version] of versions.filter(({ manifest }) => manifest !== null).entries()) {
    const why = whyKept(context, version, place);
    if (why !== null) kept.set(version.version, why);
  }
  return kept;
}

/** `place`: 0 is the newest. */
function whyKept(context: GcContext, version: Version, place: number): string | null {
  const { keep, maxAgeMicros } = context.policy.datasets;
  if (find(version, KEPT_FILE) !== undefined) return KEPT;
  if (keep === null && maxAgeMicros === null) return 'datasets are kept for ever (retention.datasets)';
  if (place === 0) return 'it is the newest version';
  if (keep !== null && place < keep) return 'it is among the newest';
  const writtenMillis = find(version, MANIFEST_FILE)?.modifiedAtMillis ?? Number.POSITIVE_INFINITY;
  if (isYounger(writtenMillis, context.policy.graceMicros, context.nowMicros))
    return 'it is younger than the grace period';
  if (maxAgeMicros !== null && isYounger(writtenMillis, maxAgeMicros, context.nowMicros))
    return 'it is younger than maxAge';
  return null;
}

/** The mark of a collection that died goes once that one surely stands still no more. */
async function keepVersion(context: GcContext, name: string, version: Version, why: string): Promise<void> {
  context.tally.leave('dataset', name, 1, why);
  const mark = find(version, REMOVING_FILE);
  if (mark !== undefined && !isYoung(context, mark) && !context.dryRun) await context.store.delete([mark.key]);
}

async function removeVersion(context: GcContext, name: string, { version, folder, objects }: Version): Promise<void> {
  const { store, dryRun, tally, assertHeld } = context;
  const mark = `${folder}${REMOVING_FILE}`;
  if (!dryRun) {
    // Somebody may ask for it meanwhile: whoever keeps it looks for this mark once theirs is there, as is done here.
    const isOurs = await store.putIfAbsent(mark, Buffer.from('{}\n'));
    failpoint('gc.dataset_marked');
    const why = await markOf(store, name, { version, folder });
    await assertHeld();
    if (why !== null) {
      tally.leave('dataset', name, 1, why);
      // That of another collection stays for a grace period: it may only stand still, just before it removes the version.
      return isOurs ? await store.delete([mark]) : undefined;
    }
    await store.delete([`${folder}${MANIFEST_FILE}`]);
    failpoint('gc.dataset_manifest_removed');
    await store.delete([...keysOf(objects), mark]);
  }
  tally.remove('dataset', name, 1, totalBytes(objects), objects.length);
}

/** Why it stays whatever the retention is; null: it does not. */
async function markOf(
  store: GcContext['store'],
  name: string,
  { version, folder }: Pick<Version, 'version' | 'folder'>,
): Promise<string | null> {
  if ((await store.get(`${folder}${KEPT_FILE}`)) !== null) return KEPT;
  return (await store.get(boundKey(name, version))) === null ? null : BOUND;
}

async function removeUnreferenced(
  context: GcContext,
  name: string,
  version: Version,
  isBuilding: boolean,
): Promise<void> {
  const { store, dryRun, tally } = context;
  const named = new Set([
    MANIFEST_FILE,
    KEPT_FILE,
    REMOVING_FILE,
    ...(version.manifest?.parts ?? []).map(({ path }) => path),
  ]);
  const parts = version.objects.filter((object) => !named.has(fileOf(object)));
  const marks = version.manifest === null ? version.objects.filter((object) => MARKS.has(fileOf(object))) : [];
  // Marks go with the parts that they were for, and by themselves where nothing else is left.
  const unnamed = parts.length > 0 ? parts : marks;
  const old = unnamed.filter((object) => !isYoung(context, object));
  tally.leave('unreferenced parts', name, unnamed.length - old.length, 'they are younger than the grace period');
  if (isBuilding) return tally.leave('unreferenced parts', name, old.length, 'a dataset is being built');
  // The parts of a build were written together: if one is young, the build is young.
  if (old.length === 0 || (version.manifest === null && old.length < unnamed.length)) return;
  if (!dryRun) {
    // Its builder may have been faster.
    const isEnded = version.manifest !== null || (await endFolder(store, version.folder, 'abandoned'));
    if (!isEnded && (await readDataset(store, name, version.version)) !== null) return;
    failpoint('gc.dataset_ended');
    await store.delete([...new Set([...keysOf(old), ...keysOf(marks)])]);
  }
  tally.remove('unreferenced parts', name, old.length, totalBytes(old));
}
