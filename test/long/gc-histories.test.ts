// Random histories of rows, runs, changed definitions, passing time, runs that die, emptied stores and collections, bounded
// ones too. After each collection a model that is told nothing but what was done says what had to stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { fieldName, type LiveGeneration } from '../../src/online/serving-state.ts';
import { decodeServingState } from '../../src/online/serving-state-codec.ts';
import { eventMicrosOf } from '../../src/online/stored-row.ts';
import type { GcReport } from '../../src/retention/collector.ts';
import { Random } from '../oracle/random.ts';
import { AgedProject, DAY_MILLIS, HOUR_MILLIS, movedClock, USERS } from './retention/aged-project.ts';
import { RecordingStore } from './retention/recording-store.ts';

const HISTORIES = Number(process.env.PLUMB_WORLDS ?? 5);
const SEED = Number(process.env.PLUMB_SEED ?? 1);
const STEPS = 24;
const KEEP = 2;
const MAX_AGE = 4 * DAY_MILLIS;
const START = Date.parse('2030-01-01T00:00:00Z');
const clock = movedClock(START);

/** What a part of a manifest is called, and nothing else of it matters here. */
interface Manifest {
  readonly kind: string;
  readonly run: string;
  readonly chain: readonly string[];
  readonly fingerprint: string;
  readonly parts: readonly { readonly path: string }[];
  readonly tombstoneParts: readonly { readonly path: string }[];
}

class History {
  readonly random: Random;
  readonly aged: AgedProject;
  readonly online: RecordingStore;
  #until = Date.parse('2021-05-01T00:00:00Z');
  #isChanged = false;
  #hasFresh = true;
  #collections = 0;

  private constructor(random: Random, aged: AgedProject, online: RecordingStore) {
    this.random = random;
    this.aged = aged;
    this.online = online;
  }

  static async begin(seed: number): Promise<History> {
    const online = new RecordingStore();
    const history = new History(new Random(seed), await AgedProject.create(online), online);
    await history.aged.apply();
    await history.addRows();
    await history.aged.materialize(history.#until);
    return history;
  }

  async step(): Promise<void> {
    const { random } = this;
    const kind = random.int(0, 19);
    if (kind < 5) return await this.run('incremental');
    if (kind < 6) return await this.run('full');
    if (kind < 7) return await this.run('from_snapshot');
    if (kind < 9) return await this.runThatFails();
    if (kind < 10) return await this.runThatDies();
    if (kind < 11) return await this.redefine();
    if (kind < 12) return this.online.empty();
    if (kind < 15) return clock.pass(random.int(1, 40) * HOUR_MILLIS);
    await this.collect();
  }

  async addRows(): Promise<void> {
    const rows = Array.from({ length: this.random.int(0, USERS) }, () => ({
      user: this.random.int(0, USERS - 1),
      at: this.#until - this.random.pick([1, HOUR_MILLIS, 40 * HOUR_MILLIS, 71 * HOUR_MILLIS, 4 * DAY_MILLIS]),
      value: this.random.int(1, 99),
    }));
    await this.aged.add(rows);
  }

  async run(mode: 'incremental' | 'full' | 'from_snapshot'): Promise<void> {
    this.#until += this.random.pick([0, 1, 2, 30]) * HOUR_MILLIS;
    if (this.random.chance(0.7)) await this.addRows();
    await this.aged.materialize(this.#until, mode);
    clock.pass(this.random.int(0, 2) * HOUR_MILLIS);
  }

  /** Somewhere between its claim and its end. */
  async runThatFails(): Promise<void> {
    this.online.failAfter = this.random.int(0, 6);
    await this.run(this.random.pick(['incremental', 'full']));
    this.online.failAfter = null;
  }

  /** Before its manifest. */
  async runThatDies(): Promise<void> {
    const view = this.random.pick([...this.aged.catalog.views.keys()]);
    const runs = (await this.aged.files()).flatMap((key) => /^views\/(\w+)\/(\d+)\/started/.exec(key) ?? []);
    const next = Math.max(0, ...runs.map(Number).filter(Number.isInteger)) + 1;
    const folder = `views/${view}/${String(next).padStart(8, '0')}/`;
    for (const file of ['started.json', 'part-00000.parquet'])
      await this.aged.store.put(`${folder}${file}`, Buffer.from('{}'));
    await this.aged.stamp();
  }

  async redefine(): Promise<void> {
    if (this.random.chance(0.5)) this.#isChanged = !this.#isChanged;
    else this.#hasFresh = !this.#hasFresh;
    await this.aged.apply(this.#hasFresh ? null : ['kept', 'sums'], this.#isChanged);
  }

  async collect(): Promise<void> {
    const before = await this.look();
    const request = this.random.pick([
      {},
      {},
      { limit: this.random.int(1, 5) },
      { maxMillis: 0 },
      { dryRun: true },
    ] as const);
    const report = await this.aged.gc(request);
    this.#collections += 1;
    if ('dryRun' in request) assert.deepEqual((await this.look()).files, before.files);
    await this.requireObjects(before, report);
    await this.requireRows();
  }

  /** What there is, by the bytes alone. */
  async look() {
    const files = new Map<string, number>();
    for (const { key, modifiedAtMillis } of await this.aged.store.list('')) files.set(key, modifiedAtMillis);
    const manifests = new Map<string, Manifest>();
    for (const key of files.keys()) {
      if (!/^views\/.*\/manifest\.json$/.test(key)) continue;
      const manifest = JSON.parse(Buffer.from((await this.aged.store.get(key)) ?? []).toString()) as Manifest;
      if (manifest.kind === 'run') manifests.set(key.slice('views/'.length, -'/manifest.json'.length), manifest);
    }
    return { files, manifests };
  }

  async live(view: string): Promise<LiveGeneration | null> {
    const [bytes = null] = (await this.online.read([], [view])).states;
    return bytes === null ? null : decodeServingState(bytes).live;
  }

  async requireObjects({ files, manifests }: Awaited<ReturnType<History['look']>>, report: GcReport): Promise<void> {
    const now = clock.now();
    const after = await this.look();
    const told = JSON.stringify(report.removed);
    for (const [key, modifiedAt] of files) {
      if (after.files.has(key) || key.startsWith('gc/')) continue;
      assert.ok(key.startsWith('views/'), `${key} is gone; ${told}`);
      assert.ok(now - modifiedAt >= DAY_MILLIS, `${key} is gone, though it is ${now - modifiedAt} ms old`);
    }
    for (const view of this.aged.catalog.views.values()) {
      const ofView = [...manifests.entries()].filter(([name]) => name.startsWith(`${view.name}/`)).toReversed();
      const roots = ofView.filter(([name, { fingerprint, run }], place) => {
        const age = now - (files.get(`views/${name}/manifest.json`) ?? now);
        const isNewest = ofView.find(([, other]) => other.fingerprint === fingerprint)?.[1].run === run;
        return place < KEEP || age < MAX_AGE || (isNewest && fingerprint === view.fingerprint);
      });
      const live = (await this.live(view.name))?.run;
      const liveManifest = manifests.get(`${view.name}/${live}`);
      const chains = [
        ...roots.map(([, { chain }]) => chain),
        ...(liveManifest === undefined ? [] : [liveManifest.chain]),
      ];
      for (const run of new Set(chains.flat())) {
        const manifest = after.manifests.get(`${view.name}/${run}`);
        assert.ok(manifest, `${view.name}/${run} is needed and gone; ${told}`);
        for (const { path } of [...manifest.parts, ...manifest.tombstoneParts])
          assert.ok(after.files.has(`views/${view.name}/${run}/${path}`), `${path} of ${view.name}/${run} is gone`);
      }
    }
    // Only what a manifest names exists, and all of it does.
    for (const [name, { parts, tombstoneParts }] of after.manifests)
      for (const { path } of [...parts, ...tombstoneParts])
        assert.ok(after.files.has(`views/${name}/${path}`), `${path} of ${name} is gone, its manifest is not`);
  }

  /** A row that was written at W by a run at T stays until W + rest of its need at T + grace. */
  async requireRows(): Promise<void> {
    for (const view of this.aged.catalog.views.values()) {
      const live = await this.live(view.name);
      if (live === null) continue;
      const field = fieldName(view.name, live.id);
      const until = Number(live.watermarkMicros / 1000n);
      for (const { entity, row, atMillis } of this.online.written.get(field)?.values() ?? []) {
        if (row === null) continue;
        const event = Number((eventMicrosOf(row) ?? 0n) / 1000n);
        const need = { fresh: event + 3 * DAY_MILLIS, kept: Number.POSITIVE_INFINITY, sums: until + windowOf(live) }[
          view.name as 'fresh' | 'kept' | 'sums'
        ];
        const end = atMillis + Math.max(0, need - until) + DAY_MILLIS;
        if (clock.now() > end) continue;
        const [found] = (await this.online.read([{ entities: [entity], fields: [field] }], [])).rows[0]?.[0] ?? [];
        assert.ok(found, `a row of ${view.name} is gone ${end - clock.now()} ms before its end`);
      }
    }
  }

  /** The snapshots alone make the same store again. */
  async requireRebuilt(): Promise<void> {
    await this.aged.materialize(this.#until);
    const empty = new MemoryOnlineStore();
    await this.aged.materialize(this.#until, 'from_snapshot', empty);
    const at = this.#until;
    const [online, rebuilt] = [await this.aged.answers(at), await this.aged.answers(at, empty)];
    const place = [...this.aged.catalog.views.keys()].indexOf('kept');
    const kept = ({ rows }: typeof online) => rows.map((row) => row[place]);
    assert.deepEqual(kept(rebuilt), kept(online));
    assert.ok(this.#collections > 0);
  }
}

const windowOf = ({ retention }: LiveGeneration): number => Number((retention?.longestWindowMicros ?? 0n) / 1000n);

for (let seed = SEED; seed < SEED + HISTORIES; seed += 1) {
  test(`history ${seed}: nothing that is needed is removed`, async () => {
    const history = await History.begin(seed);
    await using _aged = history.aged;
    for (let step = 0; step < STEPS; step += 1) await history.step();
    await history.collect();
    await history.requireRebuilt();
  });
}
