// What of a storage counts, and so belongs into a backup: what manifests name, and what stands for itself. Parts that no
// manifest names, runs that have not ended and marks of a collection do not.
import { PlumbError } from '../../schemas/errors.ts';
import { REPORT_FILE } from '../materialize/run-files.ts';
import { MANIFEST_FILE, type PartInfo } from '../offline/manifest.ts';
import { RUNS_PREFIX, readRunManifest, runFolder, runOfKey } from '../offline/manifest-run.ts';
import {
  DATASETS_PREFIX,
  datasetFolder,
  REMOVING_FILE,
  readDataset,
  versionOfDatasetKey,
} from '../offline/stored-dataset.ts';
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts';
import type { StoredObject } from './backup-manifest.ts';
import { STORAGE_FOLDERS } from './storage-folders.ts';

/** Objects that are worth something together only, such as those of one run. */
export interface Bundle {
  /** For messages: a folder. */
  readonly name: string;
  /** Small; what they hold is not known before they are read. */
  readonly documents: readonly string[];
  readonly parts: readonly StoredObject[];
}

export interface Keeping {
  readonly store: ObjectStore;
  readonly withDatasetParts: boolean;
  /** Of what cannot be kept, in a sentence each. */
  readonly onDamaged: (message: string) => void;
}

/** In which manifests decide, and which comes last. */
const IN_TURN = ['views', 'datasets', 'registry'];
const BY_THEMSELVES = Object.keys(STORAGE_FOLDERS).filter(
  (folder) => STORAGE_FOLDERS[folder]?.leftOut === null && !IN_TURN.includes(folder),
);

/** In an order such that what is named is listed after what names it: a version is older than the runs that were made of it. */
export async function* keptBundles(keeping: Keeping): AsyncGenerator<Bundle, void> {
  const { store } = keeping;
  for (const folder of foldersOf(await store.list(RUNS_PREFIX), folderOfRun)) yield* runBundle(keeping, folder);
  for (const folder of foldersOf(await store.list(DATASETS_PREFIX), folderOfDataset))
    yield* datasetBundle(keeping, folder);
  for (const name of [...BY_THEMSELVES, 'registry'].map((folder) => `${folder}/`))
    yield { name, documents: (await store.list(name)).map(({ key }) => key), parts: [] };
}

interface Folder {
  /** Ends in `/`. */
  readonly path: string;
  readonly objects: readonly ObjectInfo[];
}
interface RunFolder {
  readonly path: string;
  readonly view: string;
  readonly run: string;
}
interface DatasetFolder {
  readonly path: string;
  readonly name: string;
  readonly version: number;
}

function folderOfRun(key: string): RunFolder | null {
  const found = runOfKey(key);
  return found === null ? null : { path: runFolder(found.view, found.run), view: found.view, run: found.run };
}

function folderOfDataset(key: string): DatasetFolder | null {
  const found = versionOfDatasetKey(key);
  if (found === null) return null;
  const { name, version } = found;
  return { path: datasetFolder(name, version), name, version };
}

/** Ascending. */
function foldersOf<T extends { readonly path: string }>(
  objects: readonly ObjectInfo[],
  folderOf: (key: string) => T | null,
): readonly (T & Folder)[] {
  const folders = new Map<string, T & { readonly objects: ObjectInfo[] }>();
  for (const object of objects) {
    const found = folderOf(object.key);
    if (found === null) continue;
    const folder = folders.get(found.path);
    if (folder === undefined) folders.set(found.path, { ...found, objects: [object] });
    else folder.objects.push(object);
  }
  return [...folders.values()];
}

const hasFile = ({ objects, path }: Folder, file: string): boolean =>
  objects.some(({ key }) => key === `${path}${file}`);

async function* runBundle(keeping: Keeping, folder: RunFolder & Folder): AsyncGenerator<Bundle, void> {
  const manifest = hasFile(folder, MANIFEST_FILE)
    ? await unlessDamaged(keeping, readRunManifest(keeping.store, folder.view, folder.run))
    : null;
  if (manifest === undefined) return;
  const parts = manifest === null ? [] : [...manifest.parts, ...manifest.tombstoneParts];
  if (manifest !== null || hasFile(folder, REPORT_FILE)) yield* bundleOf(keeping, folder, parts);
}

async function* datasetBundle(keeping: Keeping, folder: DatasetFolder & Folder): AsyncGenerator<Bundle, void> {
  if (!hasFile(folder, MANIFEST_FILE)) return;
  const reading = readDataset(keeping.store, folder.name, folder.version);
  const manifest = await unlessDamaged(keeping, reading);
  if (manifest === undefined || manifest === null) return;
  yield* bundleOf(keeping, folder, keeping.withDatasetParts ? manifest.parts : []);
}

function* bundleOf(
  { onDamaged }: Keeping,
  { path, objects }: Folder,
  parts: readonly PartInfo[],
): Generator<Bundle, void> {
  const sizes = new Map(objects.map(({ key, sizeBytes }) => [key, sizeBytes]));
  const named = parts.map((part) => ({ key: `${path}${part.path}`, sizeBytes: part.sizeBytes, sha256: part.sha256 }));
  const lost = named.find(({ key, sizeBytes }) => sizes.get(key) !== sizeBytes);
  if (lost !== undefined) {
    const found = sizes.get(lost.key);
    const problem = found === undefined ? 'is missing' : `is damaged: found ${found} bytes, expected ${lost.sizeBytes}`;
    return onDamaged(`the stored object ${lost.key} ${problem}`);
  }
  const isDocument = (key: string): boolean => !key.endsWith('.parquet') && !key.endsWith(`/${REMOVING_FILE}`);
  const documents = objects.map(({ key }) => key).filter(isDocument);
  yield { name: path, documents, parts: named };
}

/** undefined: it is damaged, and told. */
async function unlessDamaged<T>({ onDamaged }: Keeping, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
    onDamaged(error.message);
    return undefined;
  }
}
