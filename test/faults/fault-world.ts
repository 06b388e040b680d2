// From a seed: a random world of the oracle, cut so that it can grow and change while a history runs.
import { parseDuration, parseInstant } from '../oracle/instants.ts';
import { Random } from '../oracle/random.ts';
import { randomService, randomView, SCALES, type Scale } from '../oracle/random-definitions.ts';
import { type RandomWorld, randomWorld } from '../oracle/random-worlds.ts';
import { instantIn } from '../oracle/rows.ts';
import type { Json } from '../oracle/values.ts';
import type { Definitions, JsonRow, SourceDefinition, Table, ViewDefinition, World } from '../oracle/world.ts';
import type { FaultWorld } from './history.ts';

/** A world before it is known which of its rows come when. */
export interface GrowingWorld extends Omit<FaultWorld, 'chunks'> {
  readonly rows: readonly { readonly source: SourceDefinition; readonly row: JsonRow }[];
  /** Ascending: instants that materializations may have. */
  readonly untils: readonly string[];
}

export function growingWorld(seed: number): GrowingWorld {
  const random = new Random(seed);
  const base = randomBase(seed, seed % 2 === 0);
  const variants = variantsOf(random, base);
  const keys = new KeyColumns(random, base);
  const labels = labelsOf(base, keys);
  const steps = base.online ?? [];
  const asked = [...steps.flatMap((step) => step.entities), ...keys.occurring()].map((entity) => keys.filled(entity));
  const entities = [...new Map(asked.map((entity) => [JSON.stringify(entity), entity])).values()];
  const instants = [...steps.flatMap(({ until, at }) => [until, at]), ...labels.rows.map((row) => timeOf(labels, row))];
  const ascending = [...new Set(instants)].sort((a, b) => (parseInstant(a) < parseInstant(b) ? -1 : 1));
  return {
    variants,
    service: base.service,
    labels,
    entities: entities.slice(0, MOST_ENTITIES),
    ats: ascending,
    untils: base.level === 2 ? ascending.slice(0, Math.ceil(ascending.length * UNTILS_OF_CONTINUOUS)) : ascending,
    rows: base.definitions.sources.flatMap((source) => rowsOf(base, source).map((row) => ({ source, row }))),
  };
}

/** `isContinuous`: of the first seed, in steps from this one on, whose world has a continuous aggregate view. */
function randomBase(seed: number, isContinuous: boolean): RandomWorld {
  const world = randomWorld(seed, { level: isContinuous ? 2 : 1, maxViews: 2, maxRows: 30, maxLabels: 6 });
  return isContinuous && world.level !== 2 ? randomBase(seed + 1_000_004, isContinuous) : world;
}

const MOST_ENTITIES = 10;
/** So that windows slide on from the last run too. */
const UNTILS_OF_CONTINUOUS = 2 / 3;

const timeOf = ({ columns, timestampColumn }: World['labels'], row: JsonRow): string =>
  String(row[columns.findIndex(([name]) => name === timestampColumn)]);

const rowsOf = (world: World, { name }: SourceDefinition): readonly JsonRow[] => [
  ...(world.tables[name]?.rows ?? []),
  ...(world.online ?? []).flatMap(({ append }) => append?.[name] ?? []),
];

const VARIANTS = 3;

/** The same names, entities, kinds and sources; other features, windows, conditions and services. */
function variantsOf(random: Random, { definitions, level }: World): readonly Definitions[] {
  const variants = [definitions];
  while (variants.length < VARIANTS) {
    const before = variants.at(-1) as Definitions;
    const changed = random.int(0, before.featureViews.length - 1);
    const featureViews = before.featureViews.map((view, i) =>
      i === changed ? changedView(random, before, view, level === 2) : view,
    );
    const service = randomService(random, featureViews, definitions.entities);
    variants.push({ ...definitions, featureViews, featureServices: [service] });
  }
  return variants.map((variant, i) => ({
    ...variant,
    // By its description a registered version tells which variant it is.
    featureServices: variant.featureServices.map((service) => ({ ...service, description: variantMark(i) })),
  }));
}

export const variantMark = (variant: number): string => `variant ${variant} of the history`;
export const markedVariant = (text: string): number | null => {
  const mark = /variant (\d+) of the history/.exec(text)?.[1];
  return mark === undefined ? null : Number(mark);
};

const MOST_DRAWS = 1000;

function changedView(
  random: Random,
  { entities, sources }: Definitions,
  view: ViewDefinition,
  continuousAggregates: boolean,
): ViewDefinition {
  const source = sources.find(({ name }) => name === view.source) as SourceDefinition;
  const options = { continuousAggregates, bytes: false, riskyExpressions: false, labels: false };
  for (let draws = 0; draws < MOST_DRAWS; draws += 1) {
    const other = randomView(random, view.name, scaleOf(random, view), entities, source, options);
    if (other.kind === view.kind && other.entities.join() === view.entities.join()) return other;
  }
  return view;
}

/** Of a view's durations, so that what replaces it meets the same edges. */
function scaleOf(random: Random, view: ViewDefinition): Scale {
  const used = [view.refresh?.every, view.ttl, ...view.features.map(({ window }) => window)];
  const fits = SCALES.find((scale) =>
    [...scale.every, ...scale.ttls, ...scale.windows].some((text) => used.includes(text)),
  );
  return fits ?? random.pick(SCALES);
}

/** Every column that the service of any variant may read a key from, with values that occur. */
class KeyColumns {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly #random: Random;
  readonly #values: ReadonlyMap<string, readonly Json[]>;
  readonly #world: World;

  constructor(random: Random, world: RandomWorld) {
    this.#random = random;
    this.#world = world;
    const keys = world.definitions.entities.flatMap((entity) => entity.joinKeys);
    this.#values = new Map(keys.map(({ name }) => [name, occurring(world, name)]));
    this.columns = keys.flatMap(({ name, type }) => [[name, type] as const, [`other_${name}`, type] as const]);
  }

  /** The keys of every row, as an entity. */
  occurring(): readonly Readonly<Record<string, Json>>[] {
    return this.#world.definitions.sources.flatMap((source) => {
      const names = Object.keys(source.columns).map((column) => column.replace(/_of$/, ''));
      return rowsOf(this.#world, source).map((row) =>
        Object.fromEntries(
          names.flatMap((name, i) => (this.#values.has(name) ? [[name, row[i] ?? null] as const] : [])),
        ),
      );
    });
  }

  /** What the entity lacks is drawn. */
  filled(entity: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
    return Object.fromEntries(
      this.columns.map(([name]) => [name, name in entity ? (entity[name] ?? null) : this.#drawn(name)]),
    );
  }

  #drawn(name: string): Json {
    const values = this.#values.get(name.replace(/^other_/, '')) ?? [];
    return values.length === 0 ? null : this.#random.pick(values);
  }
}

function occurring(world: World, key: string): readonly Json[] {
  return world.definitions.sources.flatMap((source) => {
    const at = Object.keys(source.columns).findIndex((column) => column === key || column === `${key}_of`);
    return rowsOf(world, source).flatMap((row) => (row[at] === null || row[at] === undefined ? [] : [row[at] as Json]));
  });
}

export const POSITION = 'position';

/** With a column that tells the rows apart, to see that none is lost, doubled or moved. */
function labelsOf({ labels }: World, keys: KeyColumns): World['labels'] {
  const { columns, rows, timestampColumn } = labels;
  const own = [[timestampColumn, 'timestamp'] as const, ['note', 'string'] as const];
  return {
    timestampColumn,
    columns: [...keys.columns, ...own, [POSITION, 'int64']],
    rows: rows.map((row, position) => {
      const cells = Object.fromEntries(columns.map(([name], i) => [name, row[i] ?? null]));
      const filled = keys.filled(cells);
      return [
        ...keys.columns.map(([name]) => filled[name] ?? null),
        ...own.map(([name]) => cells[name] ?? null),
        position,
      ];
    }),
  };
}

/** Whether every incremental run from a watermark up to `watermark` on reads the row, in any variant. */
export function isReadAfter(
  variants: readonly Definitions[],
  source: SourceDefinition,
  watermark: bigint,
  row: JsonRow,
): boolean {
  const eventTime = instantIn(source, row, source.timestampColumn);
  const created = instantIn(source, row, source.createdTimestampColumn);
  const views = variants.flatMap(({ featureViews }) => featureViews);
  const isCovered = (view: ViewDefinition): boolean =>
    eventTime === null || eventTime >= watermark - parseDuration(view.lateness ?? '24h');
  const rowViews = views.filter((view) => view.kind === 'row' && view.source === source.name);
  return rowViews.every(isCovered) || (created !== null && created > watermark);
}

export const tableOf = (source: SourceDefinition, rows: readonly JsonRow[]): Table => ({
  columns: Object.entries(source.columns),
  rows,
});
