// Definitions of random worlds that change while training sets of former ones are bound: what `"dataset"` returns is what the
// oracle says of the definitions that the set was made of, as of the last run, or it is refused; never another value. A set whose
// views have been run since it was bound is never refused; each view of another set may be as of an earlier run. Sometimes keys
// are erased meanwhile: their rows count nowhere then, in generations of former definitions neither.
import type { Erasure } from '../../src/catalog/erasure.ts';
import type { LearnedFeatures } from '../../src/catalog/learned.ts';
import { datasetFolder } from '../../src/offline/stored-dataset.ts';
import { createLearnedFeatures } from '../../src/registry/learned-features.ts';
import { compareOnline, type GotOnline } from '../oracle/compare.ts';
import { expectedOnline, type Online } from '../oracle/naive-evaluator.ts';
import { Random } from '../oracle/random.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import { type Definitions, itemAt, type OnlineStep, type ViewDefinition } from '../oracle/world.ts';
import { erasuresOf, withoutErased } from './erased-worlds.ts';
import { otherDefinitions } from './other-definitions.ts';
import { OnlineProject } from './plumb-online.ts';
import type { Trial } from './worlds.ts';

/** What the trials met, so that a test can tell that they tried anything. */
export const seen = { answers: 0, ofFormer: 0, refused: 0, erasures: 0 };

export const boundTrial: Trial = {
  name: 'bound',
  world: (seed) => randomWorld(seed, { level: 1, maxViews: 3, labels: seed % 3 === 0 }),
  async mismatch(world) {
    await using project = await OnlineProject.create(world, {
      store: (['memory', 'lmdb', 'redis'] as const)[world.seed % 3] ?? 'memory',
      format: world.seed % 2 === 0 ? 'parquet' : 'jsonl',
    });
    const trial = new BoundTrial(project, world);
    for (const [i, step] of (world.online ?? []).entries()) {
      const mismatch = await trial.step(i, step);
      if (mismatch !== undefined) return `step ${i}: ${mismatch}`;
    }
    return undefined;
  },
};

/** Not run yet since it was bound, or always answered. */
type Bound = 'new' | 'run';

const SET = 'set';

type Asked = Pick<OnlineStep, 'entities' | 'at'>;

class BoundTrial {
  readonly #project: OnlineProject & { readonly world: RandomWorld };
  readonly #random: Random;
  /** By version; a set of each is made at once, under the same version. */
  readonly #definitions: Definitions[] = [];
  readonly #bound = new Map<number, Bound>();
  readonly #learned: LearnedFeatures;
  readonly #toErase: readonly Erasure[];
  /** Before the run of which step. */
  readonly #erasedAt: number;
  /** Aggregates of an erased key leave as a whole, until the next run. */
  #isExact = true;
  /** The last step that was run. */
  #ran: number | null = null;

  constructor(project: OnlineProject, world: RandomWorld) {
    this.#project = Object.assign(project, { world });
    this.#random = new Random(world.seed ^ 0xb0);
    this.#toErase = erasuresOf(world).map((erasure) => ({ ...erasure, isPending: false }));
    this.#erasedAt = this.#random.int(1, 3);
    const datasets = { show: async (_: string, version: number) => learnedSet(project.world.service, version) };
    this.#learned = createLearnedFeatures({ versions: project, datasets: async () => datasets });
  }

  async step(index: number, step: OnlineStep): Promise<string | undefined> {
    if (index === 0) await this.#made(this.#project.world.definitions);
    else if (this.#random.chance(0.7)) await this.#define();
    await this.#bindAndRetire();
    if (index === this.#erasedAt) await this.#erase();
    const before = await this.#mismatch('before the run', step);
    if (before !== undefined) return before;
    await this.#project.append(step.append);
    for (const mode of ['incremental', ...this.#more()] as const) {
      await this.#project.materialize(step.until, mode);
      this.#ran = index;
      this.#isExact ||= mode !== 'from_snapshot';
      for (const version of this.#bound.keys()) this.#bound.set(version, 'run');
      const mismatch = await this.#mismatch(`after a run, ${mode}`, step);
      if (mismatch !== undefined) return mismatch;
    }
    return undefined;
  }

  async #erase(): Promise<void> {
    const project = this.#project;
    for (const erasure of this.#toErase) await project.erase(erasure);
    project.catalog = { ...project.catalog, erasures: this.#toErase };
    seen.erasures += this.#toErase.length;
    this.#isExact = project.world.definitions.featureViews.every(({ kind }) => kind === 'row');
  }

  #more(): readonly ('incremental' | 'from_snapshot' | 'full')[] {
    return (['incremental', 'from_snapshot', 'full'] as const).filter(() => this.#random.chance(0.25));
  }

  async #define(): Promise<void> {
    const definitions = otherDefinitions(this.#random, this.#random.pick(this.#definitions));
    await this.#project.define(definitions);
    await this.#made(definitions);
  }

  async #made(definitions: Definitions): Promise<void> {
    this.#definitions.push(definitions);
    const version = this.#definitions.length;
    const manifest = Buffer.from(JSON.stringify(manifestOf(this.#project.world.service, version)));
    await this.#project.storage.put(`${datasetFolder(SET, version)}manifest.json`, manifest);
  }

  async #bindAndRetire(): Promise<void> {
    const bindings = this.#project.bindings();
    for (const version of this.#definitions.keys().map((i) => i + 1)) {
      if (this.#bound.has(version)) {
        if (!this.#random.chance(0.15)) continue;
        await bindings.retire(SET, version);
        this.#bound.delete(version);
      } else if (this.#random.chance(0.4)) {
        await bindings.bind(SET, version);
        this.#bound.set(version, 'new');
      }
    }
  }

  /** Of every set, bound or not, at the last step that was run; asked for as `step` asks. */
  async #mismatch(when: string, { entities, at }: OnlineStep): Promise<string | undefined> {
    const { world } = this.#project;
    if (this.#ran === null || !this.#isExact) return undefined;
    for (const [i, definitions] of this.#definitions.entries()) {
      const version = i + 1;
      const mustAnswer = this.#bound.get(version) === 'run';
      const own = withoutErased({ ...world, definitions }, this.#project.catalog.erasures ?? []);
      const answers = { world: own, changed: this.#changedViews(definitions), asked: { entities, at } };
      const got = await this.#lookup(version, answers.asked, mustAnswer);
      if (got === null) continue;
      const mismatch = compareLearned(expectedAfter(answers, this.#ran), got, answers);
      // A view that only sets have is run while one is bound: until then its rows are those of the last run that had it.
      if (!mustAnswer && isEachAsOfOneRun(answers, this.#ran, got)) continue;
      if (mismatch !== undefined)
        return `${when}, ${SET}@${version} (${this.#bound.get(version) ?? 'not bound'}): ${mismatch}`;
    }
    return undefined;
  }

  /** Those that some other definitions have in another form, or not at all. */
  #changedViews({ featureViews }: Definitions): ReadonlySet<string> {
    const isChanged = (view: ViewDefinition): boolean =>
      this.#definitions.some(
        (other) => !other.featureViews.some((one) => JSON.stringify(one) === JSON.stringify(view)),
      );
    return new Set(featureViews.filter(isChanged).map(({ name }) => name));
  }

  /** null: refused. */
  async #lookup(version: number, asked: Asked, mustAnswer: boolean) {
    try {
      const { online } = this.#project;
      const got = await this.#project.lookup(asked, online, { dataset: `${SET}@${version}` }, this.#learned);
      seen.answers += 1;
      if (mustAnswer && version < this.#definitions.length) seen.ofFormer += 1;
      return got;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (mustAnswer || (code !== 'NOT_AS_LEARNED' && code !== 'NOT_MATERIALIZED')) throw error;
      seen.refused += 1;
      return null;
    }
  }
}

function expectedAfter({ world, asked }: Answers, ran: number): Online {
  const steps = (world.online ?? []).map((step, i) => (i === ran ? { ...step, ...asked } : step));
  return itemAt(expectedOnline(world, steps.slice(0, ran + 1)), ran);
}

/**
 * Whether a key is found depends on all windows of the served view. Where a view changed, `NOT_FOUND` and another status that says
 * nothing of a failure are therefore alike; the values are compared all the same.
 */
function foundAlike(want: Online, got: GotOnline, changed: ReadonlySet<string>): GotOnline {
  const isFound = (status: string): boolean => status === 'NULL_VALUE' || status === 'PRESENT';
  const isAlike = (a: string, b: string): boolean =>
    (a === 'NOT_FOUND' && isFound(b)) || (b === 'NOT_FOUND' && isFound(a));
  const status = (found: string, row: number, column: number): string => {
    const wanted = want.statuses[row]?.[column] ?? found;
    return changed.has(viewOf(got.columns[column] ?? '')) && isAlike(found, wanted) ? wanted : found;
  };
  return { ...got, statuses: got.statuses.map((row, i) => row.map((found, j) => status(found, i, j))) };
}

/** Views are named v0, v1 …, and columns begin with them, under a prefix of the service too. */
const viewOf = (column: string): string => /^v\d+/.exec(column)?.[0] ?? '';

type Answers = { readonly world: RandomWorld; readonly changed: ReadonlySet<string>; readonly asked: Asked };

const compareLearned = (want: Online, got: GotOnline, { changed }: Answers): string | undefined =>
  compareOnline(want, foundAlike(want, got, changed));

/** Whether the answers of each view are those of one and the same run, the last or an earlier one. */
function isEachAsOfOneRun(answers: Answers, ran: number, got: GotOnline): boolean {
  const wanted = Array.from({ length: ran + 1 }, (_, step) => expectedAfter(answers, step));
  const views = Object.groupBy(got.columns.keys(), (i) => viewOf(got.columns[i] ?? ''));
  return Object.values(views).every((columns = []) =>
    wanted.some((want) => compareLearned(narrowed(want, columns), narrowedAnswer(got, columns), answers) === undefined),
  );
}

const picked = <T>(cells: readonly T[], columns: readonly number[]): T[] => columns.map((i) => itemAt(cells, i));

const narrowedAnswer = ({ columns, rows, statuses }: GotOnline, chosen: readonly number[]): GotOnline => ({
  columns: picked(columns, chosen),
  rows: rows.map((row) => picked(row, chosen)),
  statuses: statuses.map((row) => picked(row, chosen)),
});

const narrowed = (want: Online, chosen: readonly number[]): Online => ({
  columns: picked(want.columns, chosen),
  types: picked(want.types, chosen),
  rows: want.rows.map((row) => picked(row, chosen)),
  statuses: want.statuses.map((row) => picked(row, chosen)),
  tolerances: want.tolerances.map((row) => picked(row, chosen)),
  alternatives: want.alternatives.map((row) => picked(row, chosen)),
});

const learnedSet = (service: string, version: number) => ({
  service,
  serviceVersion: version,
  registryVersion: version,
});

const manifestOf = (service: string, version: number) => ({
  ...{ kind: 'dataset', name: SET, version, createdAt: '2026-01-01T00:00:00Z', project: 'test' },
  ...learnedSet(service, version),
  ...{ columns: [], rows: 0, sources: [], parts: [] },
  labels: { file: 'labels', sha256: '0'.repeat(64), timestampColumn: 'ts', interval: null },
});
