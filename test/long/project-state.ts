// What can be seen of a project from outside: answers, status, snapshots and datasets; read in process, which is faster
// than a command for each.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Value } from '../../schemas/types.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createMaterializer } from '../../src/materialize/materializer.ts';
import { createDuckdbEngine } from '../../src/offline/duckdb/duckdb-engine.ts';
import { createParser } from '../../src/offline/duckdb/parsing-session.ts';
import { MANIFEST_FILE, type PartInfo, verifyParts } from '../../src/offline/manifest.ts';
import { LmdbOnlineStore } from '../../src/online/lmdb/lmdb-online-store.ts';
import { createLookup } from '../../src/online/lookup.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { FileSourceFiles } from '../../src/storage/file/file-source-files.ts';
import { parseInstant } from '../oracle/instants.ts';
import { grantAll } from '../support/fake-leases.ts';
import { parseAnswer } from '../support/fake-world.ts';
import { USERS } from './small-project.ts';

const LIMITS = { memoryBytes: 2 ** 30, threads: 1 };

export interface Answers {
  readonly rows: readonly (readonly Value[])[];
  readonly statuses: readonly (readonly string[])[];
}

const openStore = (folder: string): FileObjectStore => new FileObjectStore({ root: join(folder, '.plumb') });

function registryOf(folder: string, store: FileObjectStore) {
  const inspector = { inspect: async () => ({ fileCount: 1, columns: new Map() }), check: async () => [] };
  const definitions = join(folder, 'features');
  const compiler = createParser(LIMITS);
  return createRegistry({
    project: 'crash',
    projectFolder: folder,
    definitions,
    store,
    leases: grantAll,
    inspector,
    compiler,
  });
}

/** 0 where nothing was applied. */
export async function registeredVersion(folder: string): Promise<number> {
  await using store = openStore(folder);
  return await registryOf(folder, store)
    .current()
    .then(({ version }: Catalog) => version)
    .catch(() => 0);
}

/** Of all users; null where some view was never materialized. */
export async function answersAt(folder: string, at: string): Promise<Answers | null> {
  await using store = openStore(folder);
  await using online = await LmdbOnlineStore.open(join(folder, '.plumb/online'), 'crash');
  const catalog = await registryOf(folder, store).current();
  const lookup = createLookup({ catalog: () => catalog, store: online });
  const entities = Array.from({ length: USERS }, (_, user) => ({ user_id: user }));
  try {
    const json = await lookup.lookup({ service: 'ranking' }, entities, parseInstant(at), { statuses: true });
    const answer = parseAnswer(json);
    return { rows: answer.rows, statuses: answer.statuses ?? [] };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'NOT_MATERIALIZED') return null;
    throw error;
  }
}

export interface ViewState {
  readonly view: string;
  readonly watermark: string | null;
  readonly changed: boolean;
  readonly pendingRun: string | null;
}

export async function statusOf(folder: string): Promise<readonly ViewState[]> {
  await using store = openStore(folder);
  await using online = await LmdbOnlineStore.open(join(folder, '.plumb/online'), 'crash');
  const catalog = await registryOf(folder, store).current();
  const materializer = createMaterializer({
    catalog: async () => catalog,
    version: async () => catalog,
    erasures: async () => [],
    store,
    online,
    sourceFiles: new FileSourceFiles(folder),
    leases: grantAll,
    engine: createDuckdbEngine(LIMITS),
    signal: new AbortController().signal,
    graceMicros: 86_400_000_000n,
  });
  const status = await materializer.status();
  return status.map(({ view, watermark, changed, pendingRun }) => ({ view, watermark, changed, pendingRun }));
}

/** Every manifest of runs and datasets names parts that are there, whole. Answers the manifests' keys. */
export async function checkManifests(folder: string): Promise<readonly string[]> {
  await using store = openStore(folder);
  const objects = [...(await store.list('views/')), ...(await store.list('datasets/'))];
  const keys = objects.map(({ key }) => key).filter((key) => key.endsWith(`/${MANIFEST_FILE}`));
  for (const key of keys) {
    const manifest = JSON.parse(await readFile(join(folder, '.plumb', key), 'utf8')) as {
      readonly kind: string;
      readonly parts: readonly PartInfo[];
      readonly tombstoneParts?: readonly PartInfo[];
    };
    if (['abandoned', 'republished'].includes(manifest.kind)) continue;
    await verifyParts(store, key.slice(0, -MANIFEST_FILE.length), [
      ...manifest.parts,
      ...(manifest.tombstoneParts ?? []),
    ]);
  }
  return keys;
}

/** Dataset versions that exist, and files of datasets that no manifest names. */
export async function datasetsOf(folder: string): Promise<readonly string[]> {
  return (await checkManifests(folder)).filter((key) => key.startsWith('datasets/'));
}

export async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
