// One version of a dataset as it lies in a storage: its folder, its marks, its manifest.
import { PlumbError } from '../../schemas/errors.ts';
import { quote, shorten } from '../quote.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { DatasetManifest } from './dataset.ts';
import { MANIFEST_FILE, readManifest } from './manifest.ts';
import { datasetManifestContract } from './manifest-dataset.ts';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export const isDatasetName = (name: string): boolean => NAME.test(name);

/** INVALID_REQUEST unless it can name a folder. */
export function requireDatasetName(name: string): void {
  if (isDatasetName(name)) return;
  const message = `found the dataset name ${quote(name)}, expected letters, digits, _, - and ., at most 128, not starting with - or .`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { name: shorten(name) } });
}

export const datasetFolder = (name: string, version: number): string =>
  `${DATASETS_PREFIX}${name}/${version.toString().padStart(8, '0')}/`;

export const DATASETS_PREFIX = 'datasets/';
const DATASET_KEY = /^datasets\/([^/]+)\/(\d{8,})\/(.+)$/;

/** Which version of a dataset has an object, and as which file of its folder; null: none. */
export function versionOfDatasetKey(
  key: string,
): { readonly name: string; readonly version: number; readonly file: string } | null {
  const [, name, digits, file] = DATASET_KEY.exec(key) ?? [];
  return name === undefined || file === undefined ? null : { name, version: Number(digits), file };
}

/** Name and version of the dataset whose manifest an object is; null: it is no manifest. */
export function datasetOfManifest(key: string): readonly [name: string, version: number] | null {
  const found = versionOfDatasetKey(key);
  return found?.file === MANIFEST_FILE ? [found.name, found.version] : null;
}

/** Says that a version is to be kept, whatever the retention is. */
export const KEPT_FILE = 'kept.json';
/** Marks a version that `gc` is about to remove. */
export const REMOVING_FILE = 'removing.json';

export const DATASET_MENDING = 'create it again with `plumb dataset create`, as its next version';

/** null where there is none, or its builder was taken for dead. */
export async function readDataset(store: ObjectStore, name: string, version: number): Promise<DatasetManifest | null> {
  const folder = datasetFolder(name, version);
  const manifest = await readManifest(store, folder, {
    contract: datasetManifestContract,
    mending: DATASET_MENDING,
  }).catch((error: unknown) => withVersion(error, { name, version }));
  if (manifest === null || (manifest.name === name && manifest.version === version)) return manifest;
  const message = `the stored object ${folder}${MANIFEST_FILE} is damaged: it names another dataset; ${DATASET_MENDING}`;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { name, version } });
}

function withVersion(error: unknown, details: { readonly name: string; readonly version: number }): never {
  if (!(error instanceof PlumbError)) throw error;
  const { code, message, publicMessage, cause } = error;
  throw new PlumbError(code, message, { details: { ...error.details, ...details }, publicMessage, cause });
}
