// A project in this process whose clock can be moved: what is written bears the time of that clock, and `gc` reads it.
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, mock } from 'node:test';
import type { DefinitionsInput } from '../../../schemas/builders.ts';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { resolveDefinitions } from '../../../src/definitions/resolve.ts';
import { createMaterializer } from '../../../src/materialize/materializer.ts';
import type { MaterializeRequest, RunReport } from '../../../src/materialize/run.ts';
import { createDuckdbEngine } from '../../../src/offline/duckdb/duckdb-engine.ts';
import { createParser } from '../../../src/offline/duckdb/parsing-session.ts';
import { createLookup } from '../../../src/online/lookup.ts';
import type { OnlineStore } from '../../../src/online/online-store.ts';
import { versionKey, writeVersionDocument } from '../../../src/registry/version-document.ts';
import type { GcReport, GcRequest } from '../../../src/retention/collector.ts';
import { createCollector } from '../../../src/retention/gc.ts';
import type { RetentionPolicy } from '../../../src/retention/policy.ts';
import { FileObjectStore } from '../../../src/storage/file/file-object-store.ts';
import { FileSourceFiles } from '../../../src/storage/file/file-source-files.ts';
import type { Leases } from '../../../src/storage/leases/lease.ts';
import { grantAll } from '../../support/fake-leases.ts';
import { parseAnswer } from '../../support/fake-world.ts';

export const HOUR_MILLIS = 3_600_000;
export const DAY_MILLIS = 24 * HOUR_MILLIS;
export const DAY = 86_400_000_000n;
export const USERS = 6;

const LIMITS = { memoryBytes: 2 ** 29, threads: 1 };
const NOTHING_TO_ABORT = new AbortController().signal;

export const POLICY: RetentionPolicy = {
  graceMicros: DAY,
  snapshots: { keep: 2, maxAgeMicros: 4n * DAY },
  datasets: { keep: null, maxAgeMicros: null },
  jobs: { maxAgeMicros: 30n * DAY },
  audit: { maxAgeMicros: 365n * DAY },
};

/** A row view with a ttl of three days, one without, and windows of two days. `extra`: changes the fingerprints of all. */
const definitions = (extra: boolean): DefinitionsInput => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user', type: 'int64' }] }],
  sources: [
    {
      name: 'rows',
      kind: 'batch',
      path: 'rows.csv',
      format: 'csv',
      timestampColumn: 'ts',
      createdTimestampColumn: 'created',
      columns: { user: 'int64', ts: 'timestamp', created: 'timestamp', value: 'int64' },
    },
  ],
  featureViews: [
    {
      name: 'fresh',
      kind: 'row',
      entities: ['user'],
      source: 'rows',
      ttl: '3d',
      lateness: '1h',
      features: [{ name: 'value', type: 'int64', expression: extra ? 'value + 1' : 'value' }],
    },
    {
      name: 'kept',
      kind: 'row',
      entities: ['user'],
      source: 'rows',
      lateness: '1h',
      features: [{ name: 'value', type: 'int64', expression: extra ? 'value + 1' : 'value' }],
    },
    {
      name: 'sums',
      kind: 'aggregate',
      entities: ['user'],
      source: 'rows',
      refresh: { every: '1h' },
      features: [{ name: 'sum', aggregate: 'sum', column: 'value', window: extra ? '36h' : '2d' }],
    },
  ],
});

export interface SourceRow {
  readonly user: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

interface GcOver {
  readonly leases?: Leases;
  readonly online?: OnlineStore;
}

export class AgedProject implements AsyncDisposable {
  readonly folder: string;
  readonly online: OnlineStore;
  readonly store: FileObjectStore;
  readonly #rows: SourceRow[] = [];
  readonly #stamped = new Map<string, number>();
  #catalog: Catalog | null = null;

  private constructor(folder: string, online: OnlineStore) {
    this.folder = folder;
    this.online = online;
    this.store = new FileObjectStore({ root: this.storage });
  }

  static async create(online: OnlineStore): Promise<AgedProject> {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-gc-'));
    after(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, '.plumb'));
    return new AgedProject(folder, online);
  }

  get storage(): string {
    return join(this.folder, '.plumb');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.online[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  /** Registers the views of those names; null: all. */
  async apply(views: readonly string[] | null = null, extra = false): Promise<void> {
    const all = definitions(extra);
    await this.#apply({
      ...all,
      featureViews: (all.featureViews ?? []).filter(({ name }) => views === null || views.includes(name)),
    });
  }

  /** Registers all views, this one for training sets only. */
  async applyOffline(view: string): Promise<void> {
    const all = definitions(false);
    const featureViews = (all.featureViews ?? []).map((one) =>
      one.name === view ? { ...one, online: false as const } : one,
    );
    await this.#apply({ ...all, featureViews });
  }

  async #apply(definitions: DefinitionsInput): Promise<void> {
    const resolved = await resolveDefinitions(definitions, {
      project: 'aged',
      inspector: { inspect: async () => ({ fileCount: 1, columns: new Map() }), check: async () => [] },
      compiler: createParser(LIMITS),
    });
    this.#catalog = { ...resolved, version: (this.#catalog?.version ?? 0) + 1 };
    await this.store.put(
      versionKey(this.#catalog.version),
      writeVersionDocument(this.#catalog, new Date().toISOString()),
    );
    await this.stamp();
  }

  get catalog(): Catalog {
    if (this.#catalog === null) throw new Error('nothing is applied');
    return this.#catalog;
  }

  async add(rows: readonly SourceRow[]): Promise<void> {
    this.#rows.push(...rows);
    const lines = this.#rows.map(({ user, at, value }) => {
      const text = new Date(at).toISOString();
      return `${user},${text},${text},${value}\n`;
    });
    await writeFile(join(this.folder, 'rows.csv'), `user,ts,created,value\n${lines.join('')}`);
  }

  get rows(): readonly SourceRow[] {
    return this.#rows;
  }

  async materialize(
    untilMillis: number,
    mode: MaterializeRequest['mode'] = 'incremental',
    online = this.online,
  ): Promise<readonly RunReport[]> {
    const materializer = createMaterializer({
      catalog: async () => this.catalog,
      version: async () => this.catalog,
      erasures: async () => this.catalog.erasures ?? [],
      store: this.store,
      online,
      sourceFiles: new FileSourceFiles(this.folder),
      engine: createDuckdbEngine(LIMITS),
      leases: grantAll,
      signal: NOTHING_TO_ABORT,
      graceMicros: POLICY.graceMicros,
    });
    const reports = await materializer.materialize({
      views: [...this.catalog.views.keys()],
      untilMicros: BigInt(untilMillis) * 1000n,
      isUntilNow: false,
      mode,
    });
    await this.stamp();
    return reports;
  }

  async gc(request: Partial<GcRequest> = {}, policy = POLICY, over: GcOver = {}): Promise<GcReport> {
    const { leases = grantAll, online = this.online } = over;
    const { store } = this;
    const collector = createCollector({
      logs: async () => null,
      store,
      online,
      leases,
      policy,
      signal: NOTHING_TO_ABORT,
    });
    const report = await collector.collect({ dryRun: false, limit: null, maxMillis: null, ...request });
    await this.stamp();
    return report;
  }

  /** `[user][feature]`: values of all users, and their statuses. */
  async answers(atMillis: number, online = this.online) {
    const lookup = createLookup({ catalog: () => this.catalog, store: online });
    const entities = Array.from({ length: USERS }, (_value, user) => ({ user }));
    const features = [...this.catalog.views.keys()].map((view) => `${view}:*`);
    const json = await lookup.lookup({ features }, entities, BigInt(atMillis) * 1000n, { statuses: true });
    const { rows, statuses = [] } = parseAnswer(json);
    return { rows, statuses };
  }

  /** What was written since the last time bears the time of the clock, as it would where the clock had not been moved. */
  async stamp(): Promise<void> {
    const now = new Date();
    for (const key of await this.files()) {
      const path = join(this.storage, key);
      const { mtimeMs } = await stat(path);
      if (this.#stamped.get(key) === mtimeMs) continue;
      await utimes(path, now, now);
      this.#stamped.set(key, (await stat(path)).mtimeMs);
    }
  }

  async files(): Promise<readonly string[]> {
    const entries = await readdir(this.storage, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.storage.length + 1))
      .filter((key) => !key.startsWith('work/') && !key.startsWith('online/'))
      .toSorted();
  }
}

/** The clock stands still but where it is moved. */
export function movedClock(startMillis: number): {
  readonly now: () => number;
  readonly pass: (millis: number) => void;
} {
  mock.timers.enable({ apis: ['Date'], now: startMillis });
  after(() => mock.timers.reset());
  return { now: () => Date.now(), pass: (millis) => mock.timers.setTime(Date.now() + millis) };
}
