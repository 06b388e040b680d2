// The datasets of a storage: `datasets/<name>/<version, 8 digits>/`. Versions count from 1. Whoever creates the manifest
// of a version first has it; part names have a random infix, so that concurrent creators never share a file.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../schemas/errors.ts';
import { unknownName } from '../catalog/look-up.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { oneOf } from '../nearest.ts';
import { quote, shorten } from '../quote.ts';
import { fileUri } from '../storage/location.ts';
import { numbersByName } from '../storage/numbers-by-name.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { totalRows } from '../storage/totals.ts';
import { boundKey, markContent } from './bound-marks.ts';
import type { PartFile } from './compute.ts';
import type { DamagedDataset, DatasetListing, DatasetManifest } from './dataset.ts';
import { adoptParts, describePart } from './finished-parts.ts';
import { MANIFEST_FILE, missingParts, type PartInfo, writeManifest } from './manifest.ts';
import {
  DATASET_MENDING,
  DATASETS_PREFIX,
  datasetFolder,
  datasetOfManifest,
  isDatasetName,
  KEPT_FILE,
  REMOVING_FILE,
  readDataset,
  requireDatasetName,
} from './stored-dataset.ts';

/** What a creator knows; the version, the parts and their rows are added when it is published. */
export type DatasetDraft = Omit<DatasetManifest, 'kind' | 'version' | 'parts' | 'rows'>;

const takenForDead = (name: string, version: number): PlumbError =>
  new PlumbError('CONFLICT', `the builder of version ${version} of the dataset ${name} was taken for dead; try again`, {
    details: { name, version },
  });

const COLLECTED_WITHIN_MILLIS = 3000;
const LOOK_AGAIN_MILLIS = 50;

const beingRemoved = ({ name, version }: DatasetManifest): PlumbError =>
  new PlumbError(
    'CONFLICT',
    `a collection began to remove version ${version} of the dataset ${name} and was cut off. The version is marked to be kept, and later collections let it be; if the one that was cut off only stands still, it may still remove it. It is sure once a collection has run after the grace period`,
    { details: { name, version } },
  );

function damagedDataset(error: unknown, name: string): DamagedDataset {
  if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
  return { name, version: Number(error.details.version), message: error.publicMessage };
}

export class DatasetCatalog {
  readonly #store: ObjectStore;
  readonly #collectedWithinMillis: number;

  /** `collectedWithinMillis`: how long a collection may take to remove what it marked before it counts as cut off. */
  constructor(store: ObjectStore, { collectedWithinMillis = COLLECTED_WITHIN_MILLIS } = {}) {
    this.#store = store;
    this.#collectedWithinMillis = collectedWithinMillis;
  }

  /** The newest version of each dataset, by name in byte order. */
  list(): Promise<DatasetListing> {
    return this.page(Number.POSITIVE_INFINITY, null);
  }

  /** Of that list at most `limit`, those after the name `after`. */
  async page(
    limit: number,
    after: string | null,
  ): Promise<DatasetListing & { readonly hasMore: boolean; readonly last: string | null }> {
    const newest = [...(await this.#versions(''))]
      .filter(([name]) => after === null || name > after)
      .sort(([left], [right]) => (left < right ? -1 : 1)); // names are ASCII; keys have a / behind them
    const datasets: DatasetManifest[] = [];
    const damaged: DamagedDataset[] = [];
    let last: string | null = null;
    for (const [name, versions] of newest) {
      const found = await this.#newestOf(name, versions).catch((error: unknown) => damagedDataset(error, name));
      if (found === null) continue;
      if (datasets.length + damaged.length === limit) return { datasets, damaged, last, hasMore: true };
      if ('message' in found) damaged.push(found);
      else {
        const missing = await missingParts(this.#store, datasetFolder(name, found.version), {
          ...found,
          mending: DATASET_MENDING,
        });
        // A collection removes the manifest first, then what it names.
        if (missing.length > 0 && (await this.#find(name, found.version)) === null) continue;
        if (missing.length === 0) datasets.push(found);
        else damaged.push({ name, version: found.version, message: missing.join('; ') });
      }
      last = name;
    }
    return { datasets, damaged, last, hasMore: false };
  }

  /** `version` null: the newest. UNKNOWN_NAME with the nearest name, or with the versions there are. */
  async show(name: string, version: number | null): Promise<DatasetManifest> {
    const versions = isDatasetName(name) ? (await this.#versions(`${name}/`)).get(name) : undefined;
    if (version !== null && versions?.includes(version)) {
      const manifest = await this.#find(name, version);
      if (manifest !== null) return manifest;
    }
    const newest = await this.#newestOf(name, versions ?? []);
    if (newest === null) throw await this.#unknownName(name);
    if (version === null) return newest;
    const message = `found version ${version} of the dataset "${name}", expected ${oneOf((versions ?? []).toReversed().map(String))}`;
    throw new PlumbError('UNKNOWN_NAME', message, { details: { name, version } });
  }

  /**
   * Whether `plumb gc` has to keep that version for ever. Returns its manifest; errors as those of `show`, and CONFLICT where a
   * collection has begun to remove it and does not end: the version is marked all the same, which later ones see.
   */
  async keep(name: string, version: number | null, isKept: boolean): Promise<DatasetManifest> {
    const manifest = await this.show(name, version);
    const key = `${datasetFolder(name, manifest.version)}${KEPT_FILE}`;
    if (!isKept) {
      await this.#store.delete([key]);
      return manifest;
    }
    const content = Buffer.from(`${JSON.stringify({ keptAt: formatInstant(nowMicros()) })}\n`);
    return await this.#mark(manifest, key, content);
  }

  /** Marks a version as bound, so that it is also kept; otherwise as `keep`. */
  bind(dataset: DatasetManifest & { readonly registryVersion: number }): Promise<DatasetManifest> {
    const { name, version, service, registryVersion } = dataset;
    const content = markContent({ service, registryVersion, boundAt: formatInstant(nowMicros()) });
    return this.#mark(dataset, boundKey(name, version), content);
  }

  /** False where it is not bound. A mark outlives a dataset that somebody removed by hand. */
  async retire(name: string, version: number): Promise<boolean> {
    const key = boundKey(name, version);
    if ((await this.#store.get(key)) === null) return false;
    await this.#store.delete([key]);
    return true;
  }

  async #mark(manifest: DatasetManifest, key: string, content: Uint8Array): Promise<DatasetManifest> {
    const { name } = manifest;
    const folder = datasetFolder(name, manifest.version);
    await this.#store.put(key, content);
    // `gc` marks what it is about to remove, and looks for this mark then: one of the two sees the other.
    for (const start = performance.now(); await this.#isMarked(folder); await sleep(LOOK_AGAIN_MILLIS)) {
      await this.show(name, manifest.version);
      if (performance.now() - start > this.#collectedWithinMillis) throw beingRemoved(manifest);
    }
    return await this.show(name, manifest.version);
  }

  async #isMarked(folder: string): Promise<boolean> {
    return (await this.#store.get(`${folder}${REMOVING_FILE}`)) !== null;
  }

  /**
   * Moves the parts into the storage, in their order, and makes them the next version. On failure nothing exists.
   * `beforeCommit` may refuse at the last moment.
   */
  async publish(
    draft: DatasetDraft,
    finished: readonly PartFile[],
    beforeCommit: () => Promise<void> = async () => {},
  ): Promise<DatasetManifest> {
    requireDatasetName(draft.name);
    const infix = randomBytes(4).toString('hex');
    const parts = await Promise.all(
      finished.map((part, index) => describePart(part, `part-${infix}-${index.toString().padStart(5, '0')}.parquet`)),
    );
    let version = await this.#nextVersion(draft.name);
    let uris = finished.map(({ uri }) => uri);
    const lost: string[] = [];
    for (;;) {
      const manifest: DatasetManifest = { ...draft, kind: 'dataset', version, rows: totalRows(parts), parts };
      if (await this.#claim(manifest, uris, beforeCommit)) {
        // A store that copies has them in the lost folders still, where no manifest names them: `gc` would find them, too.
        if (lost.length > 0) await this.#store.delete(lost).catch(() => undefined);
        return manifest;
      }
      if ((await this.#find(draft.name, version)) === null) throw takenForDead(draft.name, version);
      const keys = parts.map(({ path }) => `${datasetFolder(draft.name, version)}${path}`);
      uris = await Promise.all(keys.map(async (key) => fileUri(await this.#store.localPath(key))));
      lost.push(...keys);
      version = Math.max(version + 1, await this.#nextVersion(draft.name));
    }
  }

  /** False where somebody else published this version meanwhile. */
  async #claim(
    manifest: DatasetManifest,
    uris: readonly string[],
    beforeCommit: () => Promise<void>,
  ): Promise<boolean> {
    const folder = datasetFolder(manifest.name, manifest.version);
    try {
      await adoptParts(
        this.#store,
        uris.map((uri, index) => ({
          uri,
          key: `${folder}${(manifest.parts[index] as PartInfo).path}`,
        })),
      );
      failpoint('dataset.parts_written');
      await beforeCommit();
      failpoint('dataset.before_manifest');
      const created = await writeManifest(this.#store, folder, manifest);
      if (created) failpoint('dataset.after_manifest');
      return created;
    } catch (error) {
      // Only where there surely is no manifest: one that names parts which were removed would be a damaged dataset.
      const found = await this.#store.get(`${folder}${MANIFEST_FILE}`).catch(() => undefined);
      if (found === null) await this.#discard(folder, manifest.parts);
      throw error;
    }
  }

  /** What cannot be removed stays behind as parts that no manifest names. */
  async #discard(folder: string, parts: readonly PartInfo[]): Promise<void> {
    await this.#store.delete(parts.map(({ path }) => `${folder}${path}`)).catch(() => undefined);
  }

  async #nextVersion(name: string): Promise<number> {
    const versions = (await this.#versions(`${name}/`)).get(name) ?? [];
    return Math.max(0, ...versions) + 1;
  }

  /** Versions whose manifest was written, or given up, by name, ascending. */
  async #versions(prefix: string): Promise<ReadonlyMap<string, readonly number[]>> {
    return numbersByName(await this.#store.list(`${DATASETS_PREFIX}${prefix}`), datasetOfManifest);
  }

  /** null where all of them were abandoned, or are gone by now. */
  async #newestOf(name: string, versions: readonly number[]): Promise<DatasetManifest | null> {
    for (const version of versions.toReversed()) {
      const manifest = await this.#find(name, version);
      if (manifest !== null) return manifest;
    }
    return null;
  }

  #find(name: string, version: number): Promise<DatasetManifest | null> {
    return readDataset(this.#store, name, version);
  }

  async #unknownName(name: string): Promise<PlumbError> {
    const names = [...(await this.#versions('')).keys()];
    if (names.length > 0) return unknownName('dataset', name, names);
    const message = `there is no dataset ${quote(name)}: no dataset was created yet; run \`plumb dataset create\``;
    return new PlumbError('UNKNOWN_NAME', message, { details: { name: shorten(name), nearest: null } });
  }
}
