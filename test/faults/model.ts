// What the naive evaluator says of stored runs, datasets and answers: the one place where a history meets the oracle.
import { compareOnline, compareTraining, type GotOnline } from '../oracle/compare.ts';
import { expectedOnline, expectedTraining, type Online, type Training } from '../oracle/naive-evaluator.ts';
import { featureType } from '../oracle/rows.ts';
import {
  type Definitions,
  named,
  type ServiceEntry,
  serviceFeatures,
  type Table,
  type World,
} from '../oracle/world.ts';
import type { Evidence, StoredDataset, StoredRun } from './evidence.ts';
import { POSITION, tableOf } from './fault-world.ts';
import type { FaultWorld } from './history.ts';
import { sourcesOf } from './project-file.ts';

/** One entry of a service, as an answer shows it. */
export interface AnsweredEntry {
  readonly view: string;
  readonly entry: Exclude<ServiceEntry, string>;
  readonly columns: readonly string[];
}

export class Model {
  readonly #world: FaultWorld;
  readonly #variants: ReadonlyMap<number, number>;
  readonly #firstUntil: string | null;
  readonly #answers = new Map<string, Online>();

  constructor(world: FaultWorld, { versions, runs }: Pick<Evidence, 'versions' | 'runs'>) {
    this.#world = world;
    this.#variants = new Map(versions.map(({ version, variant }) => [version, variant ?? -1]));
    this.#firstUntil = runs.map(({ until }) => until).toSorted()[0] ?? null;
  }

  /** The variant that a registered version is. */
  variantOf(version: number): number | null {
    const variant = this.#variants.get(version);
    return variant === undefined || variant < 0 ? null : variant;
  }

  /** The service of a variant, every star written out. */
  entriesOf(variant: number): readonly AnsweredEntry[] {
    const definitions = this.#definitions(variant);
    return named(definitions.featureServices, this.#world.service).features.map((entry) => {
      const features = serviceFeatures(this.#worldOf({ ...definitions, featureServices: [this.#service(entry)] }, {}));
      const view = features[0]?.view.name ?? '';
      const role = typeof entry === 'string' ? {} : entry;
      return {
        view,
        entry: { ...role, view, features: features.map(({ feature }) => feature.name) },
        columns: features.map(({ output }) => output),
      };
    });
  }

  /** All entities at `at`, from what the run stored. What the run lacks, or has in another type, is NOT_MATERIALIZED. */
  answer(run: StoredRun, asked: AnsweredEntry, variant: number, at: string): Online {
    const key = JSON.stringify([run.view, run.run, asked, variant, at]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#evaluated(run, asked, variant, at);
    this.#answers.set(key, answer);
    return answer;
  }

  #evaluated(run: StoredRun, { view, entry, columns }: AnsweredEntry, variant: number, at: string): Online {
    const filledBy = this.variantOf(run.registryVersion);
    if (filledBy === null)
      throw new Error(`run ${run.run} of ${run.view} names version ${run.registryVersion}, which no history applies`);
    const tables = this.#tables(() => run.chunks);
    const names = entry.features as readonly string[];
    const has = names.map((name) => this.#typeOf(filledBy, view, name) === this.#typeOf(variant, view, name));
    const known = names.filter((_, i) => has[i]);
    const { entities } = this.#world;
    if (known.length === 0) return withLacking(columns, has, lackingRows(entities.length));
    const service = this.#service({ ...entry, features: known });
    const world = this.#worldOf({ ...this.#definitions(filledBy), featureServices: [service] }, tables);
    const first = { until: this.#firstUntil ?? run.until, at, entities: [] };
    const found = expectedOnline(world, [first, { until: run.until, at, entities }])[1];
    if (found === undefined) throw new Error('the evaluator says nothing');
    return withLacking(columns, has, found);
  }

  /** Undefined where its rows are what the evaluator says, in the order of the labels. */
  datasetMismatch({ registryVersion, chunks, columns, rows }: StoredDataset): string | undefined {
    const variant = this.variantOf(registryVersion);
    if (variant === null) return `it names version ${registryVersion}, which no history applies`;
    if (rows === null) return 'its parts cannot be read';
    const want = this.training(variant, chunks);
    const position = columns.indexOf(POSITION);
    const moved = rows.findIndex((row, i) => Number(row[position]) !== i);
    if (moved >= 0) return `row ${moved} is not that label`;
    const at = want.columns.map((name) => columns.indexOf(name));
    return compareTraining(want, {
      columns: want.columns.filter((_, i) => (at[i] ?? -1) >= 0),
      rows: rows.map((row) => at.map((i) => row[i])),
    });
  }

  training(variant: number, chunks: Readonly<Record<string, readonly number[]>>): Training {
    return expectedTraining(
      this.#worldOf(
        this.#definitions(variant),
        this.#tables((source) => chunks[source] ?? []),
      ),
    );
  }

  /** Whether some value of some training set of this history overflows, so that creating it must fail. */
  someTrainingFails(): boolean {
    const counts = this.#world.chunks.map((_, i) => Array.from({ length: i + 1 }, (_, chunk) => chunk));
    const grown = (chunks: readonly number[]) =>
      Object.fromEntries(sourcesOf(this.#world).map(({ name }) => [name, chunks]));
    return this.#world.variants.some((_, variant) =>
      counts.some((chunks) => this.training(variant, grown(chunks)).error !== undefined),
    );
  }

  #definitions(variant: number): Definitions {
    const definitions = this.#world.variants[variant];
    if (definitions === undefined) throw new Error(`there is no variant ${variant}`);
    return definitions;
  }

  #service(entry: ServiceEntry) {
    return { name: this.#world.service, features: [entry] };
  }

  #typeOf(variant: number, viewName: string, feature: string): string {
    const definitions = this.#definitions(variant);
    const view = named(definitions.featureViews, viewName);
    const found = view.features.find(({ name }) => name === feature);
    return found === undefined ? 'none' : featureType(this.#worldOf(definitions, {}), view, found);
  }

  #tables(chunksOf: (source: string) => readonly number[]): Record<string, Table> {
    const { chunks } = this.#world;
    return Object.fromEntries(
      sourcesOf(this.#world).map((source) => {
        const rows = chunksOf(source.name).flatMap((chunk) => chunks[chunk]?.[source.name] ?? []);
        return [source.name, tableOf(source, rows)];
      }),
    );
  }

  #worldOf(definitions: Definitions, tables: Record<string, Table>): World {
    const { service, labels } = this.#world;
    return { name: 'history', level: 1, definitions, tables, service, labels };
  }
}

/** Of one row of a larger answer. */
export function rowMismatch(want: Online, got: GotOnline, row: number): string | undefined {
  const one = <T>(rows: readonly T[]): T[] => rows.slice(row, row + 1);
  return compareOnline(
    {
      ...want,
      rows: one(want.rows),
      statuses: one(want.statuses),
      tolerances: one(want.tolerances),
      alternatives: one(want.alternatives),
    },
    { columns: got.columns, rows: one(got.rows), statuses: one(got.statuses) },
  );
}

const lackingRows = (count: number): Online => {
  const rows = (): never[][] => Array.from({ length: count }, () => []);
  return { columns: [], types: [], rows: rows(), statuses: rows(), tolerances: rows(), alternatives: rows() };
};

/** Null and NOT_MATERIALIZED in the place of each column that `has` says no of; the others are those of `found`, in order. */
function withLacking(columns: readonly string[], has: readonly boolean[], found: Online): Online {
  const widened = <T>(rows: readonly (readonly T[])[], lacking: T): T[][] =>
    rows.map((row) => {
      let next = 0;
      return has.map((is) => (is ? (row[next++] as T) : lacking));
    });
  const [types] = widened([found.types], 'string');
  return {
    columns: [...columns],
    types: types ?? [],
    rows: widened(found.rows, null),
    statuses: widened(found.statuses, 'NOT_MATERIALIZED'),
    tolerances: widened(found.tolerances, 0),
    alternatives: widened(found.alternatives, []),
  };
}
