// A backup, while the project goes on:
//
//   lease of gc ─▶ lease of the place ─▶ serving states ─▶ runs, datasets, the rest, versions ─▶ manifest of the backup
//
// Nothing is removed meanwhile, because only collections remove things. What is online was written before it went online, so
// states are read before runs are listed; runs and datasets are made of versions that were there before, so versions come last.
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { aboutFormer } from '../materialize/put-back.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import { decodeServingState } from '../online/serving-state-codec.ts';
import { versionOfKey } from '../registry/version-document.ts';
import { GC_LEASE, type Leases } from '../storage/leases/lease.ts';
import { whileHeld } from '../storage/leases/while-held.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { totalBytes } from '../storage/totals.ts';
import type { BackupReport, BackupRequest, OnBackupProgress } from './backup.ts';
import {
  type BackupManifest,
  backupNumbers,
  contentKey,
  hashOfKey,
  OBJECTS_PREFIX,
  readBackup,
  type StoredObject,
  type StoredServing,
  sha256Of,
  writeBackup,
} from './backup-manifest.ts';
import { type Content, copyObject, forEachOf, PARTS_AT_ONCE } from './copy-object.ts';
import { type Bundle, keptBundles } from './kept-objects.ts';
import { removeOlder } from './remove-older.ts';
import { STORAGE_FOLDERS, topFolder } from './storage-folders.ts';

export interface BackupPorts {
  readonly project: string;
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
  /** Where backups are. */
  readonly place: ObjectStore;
  readonly placeLeases: Leases;
  readonly signal: AbortSignal;
}

const PLACE_LEASE = 'backup';
const PURPOSE = 'making a backup';
const NOTHING = { backups: 0, objects: 0, bytes: 0 };

export async function createBackup(
  ports: BackupPorts,
  request: BackupRequest,
  onProgress: OnBackupProgress,
): Promise<BackupReport> {
  const { leases, placeLeases, place, signal } = ports;
  await using gc = await leases.acquire(GC_LEASE, { purpose: PURPOSE, signal });
  await using turn = await placeLeases.acquire(PLACE_LEASE, { purpose: PURPOSE, signal });
  const number = await nextNumber(ports);
  const createdAt = formatInstant(nowMicros());
  const online = await servingStates(ports.online);
  const workFolder = await place.workFolder();
  try {
    return await whileHeld([gc, turn], signal, async (held) => {
      const writing = new BackupWriting({ ...ports, signal: held.signal }, workFolder, onProgress);
      await writing.copyAll(request);
      const { objects, damaged, copied } = writing;
      const registryVersion = Math.max(0, ...objects.map(({ key }) => versionOfKey(key) ?? 0));
      const { withDatasetParts } = request;
      const about = { number, project: ports.project, createdAt, registryVersion, withDatasetParts };
      const backup: BackupManifest = { kind: 'backup', format: 1, ...about, online, objects };
      failpoint('backup.before_manifest');
      await held.assertHeld();
      if (!(await writeBackup(place, backup)))
        throw new PlumbError('CONFLICT', `another backup was made as number ${number}: try again`);
      const views = online.map(aboutFormer);
      const total = { objects: objects.length, bytes: totalBytes(objects) };
      const unknown = await unknownFolders(ports.store);
      const removed = request.keep === null ? NOTHING : await removeOlder(place, request.keep, turn);
      return { number, createdAt, registryVersion, ...total, copied, online: views, damaged, unknown, removed };
    });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** INVALID_REQUEST where the place has backups of another project. */
async function nextNumber({ place, project }: BackupPorts): Promise<number> {
  const newest = (await backupNumbers(place)).at(-1);
  if (newest === undefined) return 1;
  const backup = await readBackup(place, newest);
  if (backup === null || backup.project === project) return newest + 1;
  const message = `found backups of project ${backup.project}, expected those of ${project}, or none: give each project a place of its own`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { found: backup.project, expected: project } });
}

async function servingStates(online: OnlineStore): Promise<readonly StoredServing[]> {
  const states = await online.listStates();
  return [...states].flatMap(([view, bytes]) => {
    const { live, bound = [], token, rebuildCount } = decodeServingState(bytes);
    const storedOf = ({ id, run, watermarkMicros }: LiveGeneration): StoredServing => ({
      ...{ view, generation: id, run, watermark: formatInstant(watermarkMicros), token: String(token), rebuildCount },
    });
    // What a stream feeds is filled from history and lake.
    const held = bound.filter(({ isHeld, stream }) => isHeld === true && stream === undefined);
    return [
      ...(live === null || live.stream !== undefined ? [] : [storedOf(live)]),
      ...held.map((generation) => ({ ...storedOf(generation), place: 'bound' as const })),
    ];
  });
}

async function unknownFolders(store: ObjectStore): Promise<readonly string[]> {
  const folders = new Set((await store.list('')).map(({ key }) => topFolder(key)));
  return [...folders].filter((folder) => folder !== '' && !(folder in STORAGE_FOLDERS)).map((folder) => `${folder}/`);
}

class BackupWriting {
  readonly objects: StoredObject[] = [];
  readonly damaged: string[] = [];
  readonly copied = { objects: 0, bytes: 0 };
  readonly #ports: BackupPorts;
  readonly #workFolder: string;
  readonly #onProgress: OnBackupProgress;
  /** SHA-256 → bytes. */
  readonly #present = new Map<string, number>();

  constructor(ports: BackupPorts, workFolder: string, onProgress: OnBackupProgress) {
    this.#ports = ports;
    this.#workFolder = workFolder;
    this.#onProgress = onProgress;
  }

  async copyAll({ withDatasetParts }: BackupRequest): Promise<void> {
    const { store, place } = this.#ports;
    for (const { key, sizeBytes } of await place.list(OBJECTS_PREFIX)) {
      const hash = hashOfKey(key);
      if (hash !== null) this.#present.set(hash, sizeBytes);
    }
    const onDamaged = (message: string): void => void this.damaged.push(message);
    for await (const bundle of keptBundles({ store, withDatasetParts, onDamaged })) await this.#copyBundle(bundle);
  }

  /** Whole or not at all: what of it is damaged is told. */
  async #copyBundle({ documents, parts }: Bundle): Promise<void> {
    const { signal } = this.#ports;
    const kept: StoredObject[] = [];
    try {
      await forEachOf(parts, { signal, atOnce: PARTS_AT_ONCE }, async (part) => {
        await this.#copyPart(part);
        kept.push(part);
      });
      await forEachOf(documents, { signal }, async (key) => {
        const document = await this.#copyDocument(key);
        if (document !== null) kept.push(document);
      });
    } catch (error) {
      if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
      this.damaged.push(error.message);
      return;
    }
    this.objects.push(...kept.toSorted((left, right) => (left.key < right.key ? -1 : 1)));
  }

  async #copyPart(part: StoredObject): Promise<void> {
    if (this.#isPresent(part)) return;
    const { store, place, signal } = this.#ports;
    const write = (key: string, content: Uint8Array) => place.put(key, content);
    const copying = { from: store, to: place, workFolder: this.#workFolder, signal, write };
    await copyObject(copying, { ...part, fromKey: part.key, toKey: contentKey(part.sha256) });
    this.#count(part);
  }

  /** null where it is gone since it was listed, as the mark of a paused schedule may be. */
  async #copyDocument(key: string): Promise<StoredObject | null> {
    const { store, place } = this.#ports;
    const content = await store.get(key);
    if (content === null) return null;
    const document = { key, sizeBytes: content.length, sha256: sha256Of(content) };
    if (!this.#isPresent(document)) {
      await place.put(contentKey(document.sha256), content);
      this.#count(document);
    }
    return document;
  }

  #isPresent({ sha256, sizeBytes }: Content): boolean {
    return this.#present.get(sha256) === sizeBytes;
  }

  #count({ sha256, sizeBytes }: Content): void {
    this.#present.set(sha256, sizeBytes);
    this.copied.objects += 1;
    this.copied.bytes += sizeBytes;
    this.#onProgress({ doing: 'copying', done: this.copied.objects, total: null, unit: 'objects' });
  }
}
