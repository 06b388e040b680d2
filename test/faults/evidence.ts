// What lies in the storage and in the online store when nothing runs, read without the product's own checks and told as
// plain data, so that checks can be given states that the product never makes.
import { createHash } from 'node:crypto';
import { type DataType, parseShape } from '../../schemas/types.ts';
import { chunkRows } from '../../src/offline/duckdb/chunk-rows.ts';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import type { OnlineStore } from '../../src/online/online-store.ts';
import { decodeServingState } from '../../src/online/serving-state-codec.ts';
import { readVersionDocument } from '../../src/registry/version-document.ts';
import { readable } from '../../src/sql/duckdb/readable.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { nowMillis } from './event-log.ts';
import { markedVariant } from './fault-world.ts';
import { chunkOfFile } from './project-file.ts';

export interface Evidence {
  /** When it was read. */
  readonly atMillis: number;
  readonly versions: readonly StoredVersion[];
  readonly runs: readonly StoredRun[];
  readonly datasets: readonly StoredDataset[];
  readonly live: readonly LiveView[];
  /** Keys that no manifest accounts for: parts of writers that died, leases of builds, the place of a collection. */
  readonly leftovers: readonly string[];
}

export interface StoredVersion {
  readonly version: number;
  readonly variant: number | null;
  /** By view. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** A part that a manifest names, as it is said to be and as it is. */
export interface StoredPart {
  readonly key: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** null where there is none. */
  readonly found: { readonly sizeBytes: number; readonly sha256: string } | null;
}

export interface StoredRun {
  readonly view: string;
  readonly run: string;
  readonly chain: readonly string[];
  readonly basedOn: string | null;
  readonly generation: string;
  readonly mode: string;
  readonly fingerprint: string;
  readonly registryVersion: number;
  readonly until: string;
  readonly startedMillis: number;
  readonly createdMillis: number;
  /** Of the view's source. */
  readonly chunks: readonly number[];
  readonly parts: readonly StoredPart[];
}

export interface StoredDataset {
  readonly name: string;
  readonly version: number;
  readonly registryVersion: number;
  readonly rowCount: number;
  /** By `plumb dataset keep`. */
  readonly kept: boolean;
  readonly chunks: Readonly<Record<string, readonly number[]>>;
  readonly parts: readonly StoredPart[];
  readonly columns: readonly string[];
  /** null where the parts cannot be read. */
  readonly rows: readonly (readonly unknown[])[] | null;
}

/** A view's serving state; run null where nothing is live. */
export interface LiveView {
  readonly view: string;
  readonly run: string | null;
  /** Of the last run that claimed the view. */
  readonly token: string;
  readonly generation: string | null;
  readonly watermarkMicros: string | null;
}

interface Manifest {
  readonly kind: string;
  readonly [name: string]: unknown;
  readonly parts?: readonly NamedPart[];
  readonly tombstoneParts?: readonly NamedPart[];
  readonly sources?: readonly { readonly name: string; readonly files: readonly { readonly path: string }[] }[];
}

interface NamedPart {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export async function readEvidence(store: ObjectStore, online: OnlineStore | null): Promise<Evidence> {
  const keys = (await store.list('')).map(({ key }) => key);
  const runs = (await readAll(keys, /^views\/([^/]+)\/(\d+)\/manifest\.json$/, (key) => readRun(store, key))).filter(
    (run) => run !== null,
  );
  const datasets = (
    await readAll(keys, /^datasets\/([^/]+)\/(\d+)\/manifest\.json$/, (key) => readDataset(store, key, keys))
  ).filter((dataset) => dataset !== null);
  return {
    atMillis: nowMillis(),
    versions: await readAll(keys, /^registry\/(\d+)\.json$/, async (key, [version]) => {
      return readVersion(key, Number(version), await textOf(store, key));
    }),
    ...{ runs, datasets },
    live: online === null ? [] : await readLive(online),
    leftovers: leftoversOf(
      keys,
      [...runs, ...datasets].flatMap(({ parts }) => parts),
    ),
  };
}

function readVersion(key: string, version: number, text: string): StoredVersion {
  const { views } = readVersionDocument(key, Buffer.from(text));
  return {
    ...{ version, variant: markedVariant(text) },
    fingerprints: Object.fromEntries([...views].map(([view, { fingerprint }]) => [view, fingerprint])),
  };
}

/** What tells of a run or a dataset, beside its parts. */
const RECORD = /^(views|datasets)\/[^/]+\/\d+\/(manifest|started|trace|report|kept)\.json$/;
const MAY_BE_LEFT = /^(views|datasets|gc|leases\/dataset\.[^/]*)\//;

function leftoversOf(keys: readonly string[], parts: readonly StoredPart[]): readonly string[] {
  const named = new Set(parts.map(({ key }) => key));
  return keys.filter((key) => MAY_BE_LEFT.test(key) && !RECORD.test(key) && !named.has(key));
}

async function readAll<T>(
  keys: readonly string[],
  pattern: RegExp,
  read: (key: string, groups: string[]) => Promise<T>,
): Promise<T[]> {
  const all: T[] = [];
  for (const key of keys) {
    const match = pattern.exec(key);
    if (match !== null) all.push(await read(key, match.slice(1)));
  }
  return all;
}

async function textOf(store: ObjectStore, key: string): Promise<string> {
  const bytes = await store.get(key);
  if (bytes === null) throw new Error(`${key} was listed and is not there`);
  return Buffer.from(bytes).toString();
}

/** null for one that says that its run came to nothing. */
async function readRun(store: ObjectStore, key: string): Promise<StoredRun | null> {
  const manifest = JSON.parse(await textOf(store, key)) as Manifest;
  if (manifest.kind !== 'run') return null;
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  return {
    ...(manifest as unknown as StoredRun),
    startedMillis: Date.parse(String(manifest.startedAt)),
    createdMillis: Date.parse(String(manifest.createdAt)),
    chunks: chunksOf(manifest).flatMap(([, chunks]) => chunks),
    parts: await readParts(store, folder, [...(manifest.parts ?? []), ...(manifest.tombstoneParts ?? [])]),
  };
}

const chunksOf = ({ sources = [] }: Manifest): readonly (readonly [source: string, chunks: readonly number[]])[] =>
  sources.map(({ name, files }) => [name, files.map(({ path }) => chunkOfFile(path))]);

async function readParts(store: ObjectStore, folder: string, parts: readonly NamedPart[]): Promise<StoredPart[]> {
  const found: StoredPart[] = [];
  for (const { path, sizeBytes, sha256 } of parts) {
    const bytes = await store.get(`${folder}${path}`);
    const measured =
      bytes === null ? null : { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    found.push({ key: `${folder}${path}`, sizeBytes, sha256, found: measured });
  }
  return found;
}

async function readDataset(store: ObjectStore, key: string, keys: readonly string[]): Promise<StoredDataset | null> {
  const manifest = JSON.parse(await textOf(store, key)) as Manifest;
  if (manifest.kind !== 'dataset') return null;
  const columns = manifest.columns as readonly { readonly name: string; readonly type: string }[];
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const parts = await readParts(store, folder, manifest.parts ?? []);
  const isWhole = parts.every(({ found }) => found !== null);
  return {
    name: String(manifest.name),
    version: Number(manifest.version),
    registryVersion: Number(manifest.registryVersion),
    rowCount: Number(manifest.rows),
    kept: keys.includes(`${folder}kept.json`),
    chunks: Object.fromEntries(chunksOf(manifest)),
    parts,
    columns: columns.map(({ name }) => name),
    rows: isWhole ? await readRows(store, parts, columns).catch(() => null) : null,
  };
}

async function readRows(
  store: ObjectStore,
  parts: readonly StoredPart[],
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<readonly (readonly unknown[])[]> {
  const files = await Promise.all(parts.map(({ key }) => store.localPath(key)));
  if (files.length === 0) return [];
  await using session = await DuckdbSession.open({ memoryBytes: 2 ** 28, threads: 1, files, folders: [] });
  const types = columns.map(({ type }) => (parseShape(type) === null ? 'string' : (type as DataType)));
  const items = columns.map(({ name }, i) => readable(`"${name}"`, types[i] as DataType));
  const rows: (readonly unknown[])[] = [];
  const select = `SELECT ${items} FROM read_parquet([${files.map((file) => `'${file}'`)}])`;
  for await (const chunk of session.chunks(select)) rows.push(...chunkRows(chunk, types));
  return rows;
}

const RUN_DIGITS = 8;

async function readLive(online: OnlineStore): Promise<readonly LiveView[]> {
  return [...(await online.listStates())].map(([view, bytes]) => {
    const { live, token } = decodeServingState(bytes);
    return {
      view,
      token: String(token).padStart(RUN_DIGITS, '0'),
      run: live?.run ?? null,
      generation: live?.id ?? null,
      watermarkMicros: live === null ? null : String(live.watermarkMicros),
    };
  });
}
