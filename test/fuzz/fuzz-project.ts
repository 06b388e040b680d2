// Plumb composed in this process over a folder, as src/main.ts does: registry, materializer, training sets, lookups.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createMaterializer } from '../../src/materialize/materializer.ts';
import type { RunReport } from '../../src/materialize/run.ts';
import { arrowToParquet } from '../../src/offline/arrow/arrow-to-parquet.ts';
import { OWN_LABELS } from '../../src/offline/arrow/label-limits.ts';
import { parquetToArrow } from '../../src/offline/arrow/parquet-to-arrow.ts';
import { createDatasets } from '../../src/offline/datasets.ts';
import { createDuckdbEngine } from '../../src/offline/duckdb/duckdb-engine.ts';
import { createParser } from '../../src/offline/duckdb/parsing-session.ts';
import { createDuckdbSourceInspector } from '../../src/offline/duckdb/source-inspector.ts';
import { createLookup } from '../../src/online/lookup.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { createRegistry, type Registry } from '../../src/registry/registry.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { FileSourceFiles } from '../../src/storage/file/file-source-files.ts';
import { parseInstant } from '../oracle/instants.ts';
import { grantAll } from '../support/fake-leases.ts';
import { type ParsedAnswer, parseAnswer } from '../support/fake-world.ts';

const LIMITS = { memoryBytes: 2 ** 30, threads: 1 };
const signal = new AbortController().signal;

export class FuzzProject implements AsyncDisposable {
  readonly folder: string;
  readonly #root: string;
  readonly #store: FileObjectStore;
  readonly #files: FileSourceFiles;
  readonly #online = new MemoryOnlineStore();
  readonly #engine = createDuckdbEngine(LIMITS);
  readonly #registry: Registry;

  private constructor(root: string, folder: string, storage: string) {
    this.#root = root;
    this.folder = folder;
    this.#store = new FileObjectStore({ root: join(folder, storage) });
    this.#files = new FileSourceFiles(folder);
    this.#registry = createRegistry({
      project: 'fuzz',
      projectFolder: folder,
      definitions: join(folder, 'features'),
      leases: grantAll,
      store: this.#store,
      inspector: createDuckdbSourceInspector(LIMITS, this.#files),
      compiler: createParser(LIMITS),
    });
  }

  static async create(place = '', storage = '.plumb'): Promise<FuzzProject> {
    const root = await mkdtemp(join(tmpdir(), 'plumb-fuzz-'));
    const folder = join(root, place);
    await mkdir(join(folder, 'features'), { recursive: true });
    await mkdir(join(folder, storage), { recursive: true });
    return new FuzzProject(root, folder, storage);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#online[Symbol.asyncDispose]();
    await this.#store[Symbol.asyncDispose]();
    await rm(this.#root, { recursive: true, force: true });
  }

  async apply(definitions: object): Promise<void> {
    await writeFile(join(this.folder, 'features', 'fuzz.json'), JSON.stringify(definitions));
    await this.#registry.apply();
  }

  async materialize(until: string): Promise<readonly RunReport[]> {
    const materializer = createMaterializer({
      ...this.#parts(),
      version: (version) => this.#registry.version(version),
      online: this.#online,
      graceMicros: 0n,
    });
    const untilMicros = parseInstant(until);
    return await materializer.materialize({ views: null, untilMicros, isUntilNow: false, mode: 'incremental' });
  }

  /** The lines of the training set. */
  async dataset(labels: string, out = 'out.jsonl'): Promise<readonly string[]> {
    const arrow = { toParquet: arrowToParquet, fromParquet: parquetToArrow };
    const outPath = join(this.folder, out);
    await createDatasets({ ...this.#parts(), arrow, labelLimits: OWN_LABELS }).create({
      service: 'all',
      labels: { kind: 'file', path: join(this.folder, labels), timestampUnit: null },
      timestampColumn: 'event_timestamp',
      name: null,
      outPath,
    });
    return (await readFile(outPath, 'utf8')).split('\n').slice(0, -1);
  }

  async lookup(entities: Parameters<ReturnType<typeof createLookup>['lookup']>[1], at: string): Promise<ParsedAnswer> {
    const catalog = await this.#registry.current();
    const lookup = createLookup({ catalog: (): Catalog => catalog, store: this.#online });
    return parseAnswer(
      await lookup.lookup({ service: 'all' }, entities, parseInstant(at), { statuses: true, eventTimes: true }),
    );
  }

  #parts() {
    return {
      catalog: () => this.#registry.current(),
      erasures: async () => [],
      store: this.#store,
      sourceFiles: this.#files,
      engine: this.#engine,
      leases: grantAll,
      signal,
    };
  }
}
