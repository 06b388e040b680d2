// A random world in a project of its own: real files, object store, engine, materializer, online store and lookup, in
// this process.
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { Status, Value } from '../../schemas/types.ts';
import type { ErasureReport, VerifyReport } from '../../schemas/wire-types.ts';
import { createExplainer, type Explained } from '../../src/audit/explain/explainer.ts';
import { createVerifier, DEFAULT_SAMPLES, DEFAULT_SEED } from '../../src/audit/verify.ts';
import type { Catalog, FeatureView } from '../../src/catalog/catalog.ts';
import type { Erasure } from '../../src/catalog/erasure.ts';
import type { LearnedFeatures } from '../../src/catalog/learned.ts';
import { hasEntries, requireService } from '../../src/catalog/look-up.ts';
import { resolveDefinitions } from '../../src/definitions/resolve.ts';
import type { SourceInspector } from '../../src/definitions/source-inspector.ts';
import { createEraser } from '../../src/erasure/eraser.ts';
import { recordKey } from '../../src/erasure/erasure-records.ts';
import type { Json, JsonObject } from '../../src/lossless-json.ts';
import { type Bindings, createBindings } from '../../src/materialize/bound/bindings.ts';
import type { SourceLooks } from '../../src/materialize/bound/source-fit.ts';
import { createMaterializer } from '../../src/materialize/materializer.ts';
import type { MaterializeRequest, RunReport } from '../../src/materialize/run.ts';
import { RunHistory } from '../../src/materialize/run-history.ts';
import { OWN_LABELS } from '../../src/offline/arrow/label-limits.ts';
import { DatasetCatalog } from '../../src/offline/dataset-catalog.ts';
import { createDuckdbEngine } from '../../src/offline/duckdb/duckdb-engine.ts';
import { createDuckdbExpressionCompiler } from '../../src/offline/duckdb/expression-compiler.ts';
import { columnValues } from '../../src/offline/duckdb/read-parts.ts';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import type { Engine } from '../../src/offline/engine.ts';
import { encoderFor } from '../../src/online/entity-key.ts';
import { entryLayout } from '../../src/online/entry/entry-layout.ts';
import { compileEntryReader } from '../../src/online/entry/entry-reader.ts';
import { LmdbOnlineStore } from '../../src/online/lmdb/lmdb-online-store.ts';
import type { RequestedFeatures } from '../../src/online/lookup/resolve-request.ts';
import { createLookup } from '../../src/online/lookup.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import type { OnlineStore } from '../../src/online/online-store.ts';
import { compileRowCodec, type PackedRow } from '../../src/online/row-codec.ts';
import { fieldName, type LiveGeneration } from '../../src/online/serving-state.ts';
import { decodeServingState } from '../../src/online/serving-state-codec.ts';
import type { Output } from '../../src/plan/nodes.ts';
import { type Grid, planKeys } from '../../src/plan/plan-keys.ts';
import { planTrainingSet } from '../../src/plan/plan-training-set.ts';
import { fileList, ident } from '../../src/sql/duckdb/names.ts';
import { readable } from '../../src/sql/duckdb/readable.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { FileSourceFiles } from '../../src/storage/file/file-source-files.ts';
import { filePath, fileUri } from '../../src/storage/location.ts';
import { listSource } from '../../src/storage/source-files.ts';
import { redisStore, redisStoreAt } from '../contract/online-store/redis-store.ts';
import type { GotOnline } from '../oracle/compare.ts';
import { formatInstant, parseInstant } from '../oracle/instants.ts';
import type { JsonRow, OnlineStep, SourceDefinition, Table, World } from '../oracle/world.ts';
import { sharedRedis } from '../servers/redis.ts';
import { sharedCluster } from '../servers/redis-cluster.ts';
import { grantAll } from '../support/fake-leases.ts';
import { parseAnswer } from '../support/fake-world.ts';
import { jsonLines, parquetSelect, plainJsonLines } from './table-files.ts';

const LIMITS = { memoryBytes: 2 ** 30, threads: 1 };
const NOTHING_TO_ABORT = new AbortController().signal;

/** The definitions of a world are valid by construction; its files are what we write. */
const UNCHECKED: SourceInspector = {
  inspect: async () => ({ fileCount: 1, columns: new Map() }),
  check: async () => [],
};

/** An empty one each time. */
const STORES = {
  lmdb: (folder: string): Promise<OnlineStore> => LmdbOnlineStore.open(join(folder, 'online'), 'test'),
  memory: async (_folder: string): Promise<OnlineStore> => new MemoryOnlineStore(),
  redis: async (_folder: string): Promise<OnlineStore> => redisStore((await sharedRedis()).url),
  cluster: async (_folder: string): Promise<OnlineStore> => redisStoreAt({ urls: (await sharedCluster()).urls }),
};

/** A source has all its columns. */
const ALL_THERE: SourceLooks = {
  ...UNCHECKED,
  inspect: async ({ columns }) => ({
    fileCount: 1,
    columns: new Map([...columns.keys()].map((name) => [name, { physical: '' }])),
  }),
};

export interface OnlineOptions {
  readonly store: keyof typeof STORES;
  /** Parquet sources get one more file with each append, JSON Lines grow. */
  readonly format: 'jsonl' | 'parquet';
  /** Keys of continuous aggregates with more rows are folded; absent: as in earnest. */
  readonly mostRows?: number;
  /** Recorded before anything else is done. */
  readonly erasures?: readonly Erasure[];
}

const foldingEarlier = (engine: Engine, mostRows: number | undefined): Engine =>
  mostRows === undefined
    ? engine
    : {
        ...engine,
        materializeEntries: (job) => engine.materializeEntries({ ...job, plan: { ...job.plan, mostRows } }),
      };

export interface Faults {
  readonly engine?: (sound: Engine) => Engine;
  /** An empty one each time. */
  readonly online?: () => OnlineStore;
}

/** What the snapshots of a view say is online: by the text of the key; null where it was removed again. */
export type SnapshotRows = ReadonlyMap<string, { readonly key: readonly Value[]; readonly row: SnapshotRow | null }>;
/** A row, or the hex of an entry. */
export type SnapshotRow = PackedRow & { readonly entry?: string };

export class OnlineProject implements AsyncDisposable {
  readonly folder: string;
  readonly world: World;
  /** With the erasures that whoever plans knows. */
  catalog: Catalog;
  readonly online: OnlineStore;
  readonly #options: OnlineOptions;
  /** For what the test itself reads and writes; an instance of its own takes 10 ms each time. */
  readonly #session: DuckdbSession;
  readonly storage: FileObjectStore;
  readonly #engine: Engine;
  /** Registered, oldest first. */
  readonly #versions: Catalog[];
  #appends = 0;

  private constructor(
    folder: string,
    world: World,
    options: OnlineOptions,
    parts: { readonly catalog: Catalog; readonly online: OnlineStore; readonly session: DuckdbSession },
  ) {
    this.folder = folder;
    this.world = world;
    this.catalog = parts.catalog;
    this.#versions = [parts.catalog];
    this.online = parts.online;
    this.#session = parts.session;
    this.#options = options;
    this.#engine = foldingEarlier(createDuckdbEngine(LIMITS), options.mostRows);
    this.storage = new FileObjectStore({ root: join(folder, 'storage') });
  }

  static async create(world: World, options: OnlineOptions): Promise<OnlineProject> {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-world-'));
    const session = await DuckdbSession.open({ ...LIMITS, files: [], folders: [folder] });
    const catalog = await resolveWorld(session, world, options);
    const online = await STORES[options.store](folder);
    const project = new OnlineProject(folder, world, options, { catalog, online, session });
    for (const { name } of world.definitions.sources) {
      await mkdir(join(folder, 'data', name), { recursive: true });
      await project.#append(name, world.tables[name]?.rows ?? []);
    }
    return project;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.online[Symbol.asyncDispose]();
    await this.storage[Symbol.asyncDispose]();
    await this.#session[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Registers other definitions over the same sources; returns their version. */
  async define(definitions: World['definitions']): Promise<number> {
    const catalog = await resolveWorld(this.#session, { ...this.world, definitions }, this.#options);
    const { erasures } = this.catalog;
    this.catalog = { ...catalog, version: this.#versions.length + 1, ...(erasures && { erasures }) };
    this.#versions.push(this.catalog);
    return this.#versions.length;
  }

  readonly version = async (version: number): Promise<Catalog> => ({
    ...(this.#versions[version - 1] as Catalog),
    ...(this.catalog.erasures && { erasures: this.catalog.erasures }),
  });

  bindings(): Bindings {
    const { storage: store, online, version } = this;
    const datasets = new DatasetCatalog(store);
    return createBindings({
      store,
      online,
      version,
      datasets,
      looks: async () => ALL_THERE,
      catalog: async () => this.catalog,
    });
  }

  async append(rows: OnlineStep['append']): Promise<void> {
    for (const [source, more] of Object.entries(rows ?? {})) await this.#append(source, more);
  }

  async materialize(
    until: string,
    mode: MaterializeRequest['mode'],
    into = this.online,
  ): Promise<readonly RunReport[]> {
    const materializer = createMaterializer({
      catalog: async () => this.catalog,
      version: this.version,
      erasures: async () => this.catalog.erasures ?? [],
      store: this.storage,
      online: into,
      sourceFiles: new FileSourceFiles(this.folder),
      leases: grantAll,
      engine: this.#engine,
      signal: NOTHING_TO_ABORT,
      graceMicros: 86_400_000_000n,
    });
    const reports = await materializer.materialize({
      views: null,
      untilMicros: parseInstant(until),
      isUntilNow: false,
      mode,
    });
    const failed = reports.find(({ outcome }) => outcome !== 'succeeded');
    if (failed !== undefined) throw new Error(`${mode} run of ${failed.view} ${failed.outcome}: ${failed.notice}`);
    return reports;
  }

  /** `faults`: wraps what serves. */
  async verify(faults: Faults = {}, service: string | null = null): Promise<VerifyReport> {
    const { engine = (sound) => sound, online = () => new MemoryOnlineStore() } = faults;
    const verifier = createVerifier({
      catalog: async () => this.catalog,
      version: async () => this.catalog,
      leases: grantAll,
      store: this.storage,
      sourceFiles: new FileSourceFiles(this.folder),
      engine: engine(this.#engine),
      openPrivate: async (folder) => ({
        store: new FileObjectStore({ root: join(folder, 'storage'), mayCreate: true }),
        online: online(),
        leases: grantAll,
        [Symbol.asyncDispose]: async () => {},
      }),
      replay: () => Promise.reject(new Error('this world has no streams')),
      signal: NOTHING_TO_ABORT,
      graceMicros: 86_400_000_000n,
    });
    return await verifier.verify({ service, seed: DEFAULT_SEED, samples: DEFAULT_SAMPLES });
  }

  /** Works an erasure off: what was computed before loses its keys. */
  async erase({ entity, joinKeys, keys, beforeMicros, id }: Erasure): Promise<ErasureReport> {
    const record = { kind: 'erasure', id, entity, joinKeys, keys, before: formatInstant(beforeMicros) };
    await this.storage.put(recordKey(id), Buffer.from(JSON.stringify(record)));
    const eraser = createEraser({
      ...{ store: this.storage, online: this.online, leases: grantAll, engine: this.#engine },
      sourceFiles: new FileSourceFiles(this.folder),
      catalog: async () => this.catalog,
      version: this.version,
      ...{ signal: NOTHING_TO_ABORT, graceMicros: 86_400_000_000n },
    });
    return await eraser.finish(id);
  }

  /** `learned`: for a request of a training set. */
  async lookup(
    { entities, at }: Pick<OnlineStep, 'entities' | 'at'>,
    store = this.online,
    request: RequestedFeatures = { service: this.world.service },
    learned?: LearnedFeatures,
  ): Promise<GotOnline> {
    const lookup = createLookup({ catalog: () => this.catalog, store, ...(learned && { learned }) });
    const options = { statuses: true, eventTimes: true };
    const json = await lookup.lookup(request, entities, parseInstant(at), options);
    const answer = parseAnswer(json);
    return { columns: answer.features, rows: answer.rows, statuses: answer.statuses ?? [] };
  }

  /** Of each entity, by feature. */
  async explain({ entities, at }: Pick<OnlineStep, 'entities' | 'at'>): Promise<readonly (readonly Explained[])[]> {
    const { rows, statuses } = await this.lookup({ entities, at });
    const explainer = createExplainer({
      version: async () => this.catalog,
      online: this.online,
      store: this.storage,
      sourceFiles: new FileSourceFiles(this.folder),
      engine: this.#engine,
      signal: NOTHING_TO_ABORT,
    });
    const asked = {
      version: 1,
      requested: { service: this.world.service },
      atMicros: parseInstant(at),
      int64: 'number',
    } as const;
    const explained: (readonly Explained[])[] = [];
    for (const [i, entity] of entities.entries()) {
      const answer = { values: (rows[i] ?? []) as readonly Json[], statuses: (statuses[i] ?? []) as readonly Status[] };
      explained.push(await explainer.explain({ ...asked, ...answer, entity: entity as JsonObject }));
    }
    return explained;
  }

  /** Of its labels; `columns` are features of the service. */
  async training(columns: readonly string[]): Promise<readonly (readonly Value[])[]> {
    const { labels, service } = this.world;
    const folder = await mkdtemp(join(this.folder, 'training-'));
    await writeFile(join(folder, 'labels.jsonl'), jsonLines(labels));
    const options = { builtMicros: parseInstant(this.world.builtAt ?? '9999-01-01T00:00:00Z') };
    const plan = planTrainingSet(this.catalog, requireService(this.catalog, service), labels.timestampColumn, options);
    const files = plan.parts.map(async ({ rows: { scan } }) => {
      return [scan.id, await listSource(new FileSourceFiles(this.folder), scan.source)] as const;
    });
    const { parts } = await this.#engine.createTrainingSet({
      plan,
      labels: {
        ...{ uris: [fileUri(join(folder, 'labels.jsonl'))], name: 'the labels', format: 'jsonl', timestampUnit: null },
        limits: OWN_LABELS,
      },
      ...{ sources: new Map(await Promise.all(files)), folder: fileUri(folder), signal: NOTHING_TO_ABORT },
    });
    const outputs = columns.map((name) => plan.outputs.find((output) => output.name === name) as Output);
    const rows: (readonly Value[])[] = [];
    const read = { keys: outputs, features: [] };
    for await (const batch of this.#engine.readParts(
      parts.map(({ uri }) => uri),
      read,
      NOTHING_TO_ABORT,
    ))
      for (let row = 0; row < batch.rowCount; row += 1) rows.push(batch.keys.map((column) => column[row] ?? null));
    return rows;
  }

  /** Instant in microseconds and key, as text, in the order of the labels. */
  async keys(view: FeatureView, grid: Grid): Promise<readonly string[]> {
    const folder = await mkdtemp(join(this.folder, 'keys-'));
    const plan = planKeys(this.catalog, view, grid, 'asked_at');
    const files = await listSource(new FileSourceFiles(this.folder), plan.values.rows.scan.source);
    const parts = await this.#engine.listKeys({ plan, files, folder: fileUri(folder), signal: NOTHING_TO_ABORT });
    const keys = view.joinKeys.map(({ name }) => `CAST(${ident(name)} AS VARCHAR)`);
    const columns = ['epoch_us(asked_at)', ...keys];
    const paths = fileList(parts.map(({ uri }) => filePath(uri)));
    const rows = await this.#session.rows(
      `SELECT concat_ws(' ', ${columns.join(', ')}) AS line FROM read_parquet(${paths})`,
    );
    return rows.map(({ line }) => String(line));
  }

  async liveGeneration(view: FeatureView): Promise<LiveGeneration> {
    const [state = null] = (await this.online.read([], [view.name])).states;
    const live = state === null ? null : decodeServingState(state).live;
    if (live === null) throw new Error(`${view.name} has no live generation`);
    return live;
  }

  /** The newest chain of parts and tombstones, put together as its manifests say. */
  async snapshotRows(view: FeatureView): Promise<SnapshotRows> {
    const history = new RunHistory(this.storage, view.name);
    const rows = new Map<string, { key: readonly Value[]; row: SnapshotRow | null }>();
    for (const run of (await history.newestManifest(view.fingerprint))?.chain ?? []) {
      const manifest = await history.manifest(run);
      const held = hasEntries(view) ? 'entries' : 'values';
      const written = await this.#readParts(await history.partUris(manifest, manifest.parts), view, held);
      const gone = await this.#readParts(await history.partUris(manifest, manifest.tombstoneParts), view, 'keys');
      for (const item of [...written, ...gone])
        rows.set(item.key.map((value) => `${typeof value} ${value}`).join('\n'), item);
    }
    return rows;
  }

  async #readParts(paths: readonly string[], view: FeatureView, held: keyof typeof META) {
    if (paths.length === 0) return [];
    const { joinKeys, features } = view;
    const columns = [...joinKeys, ...(held === 'values' ? features : [])].map(({ name, type }) => ({
      name: `"${name}"`,
      type,
    }));
    const deleted = view.kind === 'row' && view.deletedWhen !== undefined ? '__deleted' : 'false';
    const meta = [...META[held], ...(held === 'values' ? [deleted] : [])];
    const items = [...columns.map(({ name, type }) => readable(name, type)), ...meta];
    const result = this.#session.chunks(
      `SELECT ${items.length === 0 ? 'true' : items} FROM read_parquet([${paths.map((path) => `'${path}'`)}])`,
    );
    const rows: { key: readonly Value[]; row: SnapshotRow | null }[] = [];
    for await (const chunk of result) {
      const values = columns.map(({ type }, i) => columnValues(chunk.getColumnValues(i), type));
      const [event, created, invalid, beside] = meta.map((_, i) => chunk.getColumnValues(columns.length + i));
      for (let i = 0; i < chunk.rowCount; i++) {
        const cells = values.map((column) => column[i] ?? null);
        const names = invalid?.[i] as { readonly items: readonly string[] } | null | undefined;
        const row = {
          eventMicros: (event?.[i] ?? null) as bigint | null,
          createdMicros: (created?.[i] ?? null) as bigint | null,
          ...(beside?.[i] === true ? { isDeleted: true } : {}),
          values: cells.slice(joinKeys.length),
          invalid: names ? features.map(({ name }) => names.items.includes(name)) : null,
          ...(held === 'entries' ? { entry: String(beside?.[i]) } : {}),
        };
        rows.push({ key: cells.slice(0, joinKeys.length), row: held === 'keys' ? null : row });
      }
    }
    return rows;
  }

  /** The stored row of each key; null where there is none. */
  async storedRows(view: FeatureView, keys: readonly (readonly Value[])[]): Promise<readonly (SnapshotRow | null)[]> {
    const live = await this.liveGeneration(view);
    const encoder = encoderFor(live.entities, live.joinKeys);
    const codec = compileRowCodec(live.features);
    const selection = { entities: keys.map((key) => encoder.encode(key)), fields: [fieldName(view.name, live.id)] };
    const [rows = []] = (await this.online.read([selection], [])).rows;
    const readEntry = live.entry === undefined ? null : compileEntryReader(entryLayout(live.entry));
    return rows.map(([bytes]) => {
      if (bytes === undefined || bytes === null) return null;
      if (readEntry === null) return codec.decode(bytes);
      const { newestMicros } = readEntry(bytes, { atMicros: live.watermarkMicros, isExplicit: true });
      const entry = Buffer.from(bytes).toString('hex');
      return { eventMicros: newestMicros, createdMicros: null, values: [], invalid: null, entry };
    });
  }

  async #append(name: string, rows: readonly JsonRow[]): Promise<void> {
    const table: Table = { columns: this.world.tables[name]?.columns ?? sourceColumns(this.world, name), rows };
    if (this.#options.format === 'jsonl') {
      await appendFile(join(this.folder, 'data', name, 'rows.jsonl'), jsonLines(table));
      return;
    }
    const file = join(this.folder, 'data', name, `rows-${this.#appends++}`);
    await writeFile(`${file}.txt`, plainJsonLines(table));
    await this.#session.run(
      `COPY (${parquetSelect(table.columns, `${file}.txt`)}) TO '${file}.parquet' (FORMAT parquet)`,
    );
  }
}

/** What stands beside the keys. */
const META = {
  keys: [],
  values: ['epoch_us(__event_time)', 'epoch_us(__created_time)', '__invalid'],
  entries: ['epoch_us(__event_time)', 'epoch_us(__created_time)', 'NULL', 'lower(hex(__entry))'],
} as const;

const sourceColumns = (world: World, name: string): Table['columns'] =>
  Object.entries(world.definitions.sources.find((source) => source.name === name)?.columns ?? {});

async function resolveWorld(session: DuckdbSession, world: World, options: OnlineOptions): Promise<Catalog> {
  const { format, erasures } = options;
  const sources = world.definitions.sources.map((source: SourceDefinition) => ({
    ...source,
    path: `data/${source.name}/*.${format}`,
    format,
  }));
  const catalog = await resolveDefinitions({ ...world.definitions, sources } as DefinitionsInput, {
    project: 'test',
    inspector: UNCHECKED,
    compiler: createDuckdbExpressionCompiler((sql, parameters) => session.prepared(sql, parameters)),
  });
  return { ...catalog, version: 1, ...(erasures === undefined ? {} : { erasures }) };
}
