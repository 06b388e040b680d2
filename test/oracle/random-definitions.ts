// Random definitions, always valid ones.

import { ORACLE, oracleOf } from './aggregates.ts';
import type { Random } from './random.ts';
import type { Json } from './values.ts';
import { hopOf } from './windows.ts';
import type { EntityDefinition, FeatureDefinition, ServiceEntry, SourceDefinition, ViewDefinition } from './world.ts';

/** Durations that go together, so that windows, boundaries and ages meet the same events. */
export const SCALES = [
  {
    span: '10m',
    windows: ['1s', '5s', '12s', '30s', '1m', '61s', '2m', '5m'],
    hops: ['1s', '2s', '5s', '10s'],
    offsets: ['1s', '10s', '1m', '61s'],
    every: ['10s', '1m', '90s', '5m'],
    delays: ['1s', '10s', '2m'],
    ttls: ['10s', '1m', '5m'],
    lateness: ['1s', '30s', '5m'],
  },
  {
    span: '12h',
    windows: ['1m', '30m', '1h', '90m', '2h', '6h'],
    hops: ['1m', '10m', '15m', '30m'],
    offsets: ['1m', '15m', '1h', '100m'],
    every: ['5m', '1h', '90m'],
    delays: ['5m', '10m', '1h'],
    ttls: ['1m', '1h', '6h'],
    lateness: ['10m', '1h', '24h'],
  },
  {
    span: '20d',
    windows: ['6h', '12h', '1d', '3d', '7d', '14d'],
    hops: ['1h', '6h', '12h'],
    offsets: ['1h', '1d', '36h', '7d'],
    every: ['1h', '6h', '1d', '7d'],
    delays: ['5m', '2h', '1d'],
    ttls: ['1d', '36h', '7d'],
    lateness: ['1h', '24h', '7d'],
  },
] as const;
export type Scale = (typeof SCALES)[number];

/** Value columns by name; the generator of rows draws by type, expressions name them. */
export const VALUE_COLUMNS: Readonly<Record<string, string>> = {
  i: 'int64',
  j: 'int32',
  x: 'float64',
  f: 'float32',
  s: 'string',
  b: 'bool',
  t: 'timestamp',
  li: 'list<int64>',
  ls: 'list<string>',
  lx: 'list<float64>',
  y: 'bytes',
};

const CONDITIONS = [
  'i > 1',
  "s = 'a' OR i > 1",
  "s <> 'a' AND NOT b",
  'i IS NOT NULL',
  'NOT (x < 0.5)',
  'i IN (1, 2, 3)',
  'i NOT IN (0, NULL)',
  'b',
  'x / i > 0.25',
  'length(s) = 1',
  "s >= '～'",
  'i BETWEEN 0 AND 5',
  't IS NULL',
  'COALESCE(i, 0) <> 1',
  'CASE WHEN b THEN i > 0 ELSE x > 0 END',
  'log(x) IS NOT NULL',
];
const EXPRESSIONS: readonly (readonly [sql: string, type: string])[] = [
  ['x < 1', 'bool'],
  ['b OR i > 2', 'bool'],
  ['s IS NULL', 'bool'],
  ['length(s)', 'int64'],
  ['COALESCE(i, -1)', 'int64'],
  ['CASE WHEN i > 0 THEN i ELSE 0 END', 'int64'],
  ['CASE WHEN b THEN 1 ELSE 0 END', 'int64'],
  ['NULLIF(i, 1)', 'int64'],
  ['log10(i) IS NULL', 'bool'],
  ['log2(x) > 0.7', 'bool'],
  ['x / i', 'float64'],
  ['i / 2', 'float64'],
  ['x * i', 'float64'],
  ['x * 2 - i', 'float64'],
  ['COALESCE(x, i)', 'float64'],
  ["COALESCE(s, 'none')", 'string'],
  ['upper(s)', 'string'],
];
/** These overflow for extreme ints: a fault. */
const RISKY_CONDITIONS = ['i + 1 > 1', 'i * i < 5'];
const RISKY_EXPRESSIONS = [
  ['i + 1', 'int64'],
  ['i * i', 'int64'],
] as const;

export interface DefinitionOptions {
  readonly continuousAggregates: boolean;
  readonly bytes: boolean;
  readonly riskyExpressions: boolean;
  readonly labels: boolean;
}

export function randomEntities(random: Random): EntityDefinition[] {
  const key = (name: string) => ({ name, type: random.pick(['int64', 'string', 'string', 'int32', 'bool']) });
  const composite = random.chance(0.7) ? [key('k2'), key('k3')] : [key('k2')];
  return [
    { name: 'e1', joinKeys: [key('k1')] },
    { name: 'e2', joinKeys: composite },
  ];
}

/** Holds every join key; the second source under names of its own. */
export function randomSource(random: Random, index: number, entities: readonly EntityDefinition[], bytes: boolean) {
  const name = `s${index}`;
  const unit = random.chance(0.1) ? random.pick(['s', 'ms', 'us'] as const) : undefined;
  const created = random.chance(0.6);
  const columns: Record<string, string> = {};
  for (const { name: key, type } of entities.flatMap((entity) => entity.joinKeys)) {
    columns[index === 0 ? key : `${key}_of`] = type;
  }
  columns.ts = unit ? 'int64' : 'timestamp';
  if (created) columns.c = 'timestamp';
  const candidates = Object.keys(VALUE_COLUMNS).filter((column) => bytes || column !== 'y');
  for (const column of random.sample(candidates, random.int(4, candidates.length))) {
    columns[column] = VALUE_COLUMNS[column] ?? '';
  }
  const source: SourceDefinition = {
    name,
    kind: 'batch',
    path: `data/${name}.jsonl`,
    format: 'jsonl',
    timestampColumn: 'ts',
    ...(unit ? { timestampUnit: unit } : {}),
    ...(created ? { createdTimestampColumn: 'c' } : {}),
    columns,
  };
  return source;
}

export function randomView(
  random: Random,
  name: string,
  scale: Scale,
  entities: readonly EntityDefinition[],
  source: SourceDefinition,
  options: DefinitionOptions,
): ViewDefinition {
  const kinds = ['row', 'aggregate', 'aggregate'] as const;
  const kind = random.pick(options.labels ? ([...kinds, 'label', 'label'] as const) : kinds);
  const mustSchedule = kind === 'aggregate' && !options.continuousAggregates;
  const delay = random.chance(0.6) ? { delay: random.pick(scale.delays) } : {};
  const drawn = mustSchedule || random.chance(0.5) ? { every: random.pick(scale.every), ...delay } : undefined;
  const refresh = kind === 'label' ? undefined : drawn;
  const usable = (sql: string) => columnsIn(sql).every((column) => column in source.columns);
  const conditions = CONDITIONS.filter(usable);
  const chosen = random.chance(0.12) ? [] : random.pick([['e1'], ['e2'], ['e1', 'e2'], ['e2', 'e1']]);
  const keys = entities.filter((entity) => chosen.includes(entity.name)).flatMap((entity) => entity.joinKeys);
  const renamed = keys.filter((key) => !(key.name in source.columns)).map((key) => [key.name, `${key.name}_of`]);
  const view = {
    name,
    kind,
    entities: chosen,
    source: source.name,
    ...(renamed.length > 0 ? { joinKeyColumns: Object.fromEntries(renamed) as Record<string, string> } : {}),
    ...(conditions.length > 0 && random.chance(0.4) ? { where: random.pick(conditions) } : {}),
    ...(refresh ? { refresh } : {}),
    ...(source.createdTimestampColumn && random.chance(0.5) && kind !== 'label'
      ? { visibleFrom: 'created_time' as const }
      : {}),
  };
  const often = <T>(risky: readonly T[]): readonly T[] => (options.riskyExpressions ? Array(4).fill(risky).flat() : []);
  const expressions = [...EXPRESSIONS, ...often(RISKY_EXPRESSIONS)];
  const inputs = new RandomInputs(
    random,
    source,
    expressions.filter(([sql]) => usable(sql)),
    [...conditions, ...often(RISKY_CONDITIONS.filter(usable))],
  );
  if (kind !== 'row') {
    const grid = kind === 'label' ? 'label' : refresh === undefined ? 'continuous' : 'scheduled';
    return { ...view, features: aggregateFeatures(random, scale, grid, inputs) };
  }
  return {
    ...view,
    ...(random.chance(0.5) ? { ttl: random.pick(scale.ttls) } : {}),
    ...(random.chance(0.5) ? { lateness: random.pick(scale.lateness) } : {}),
    ...(random.chance(0.3) ? { strictlyBefore: true } : {}),
    ...inputs.deletedWhen(),
    features: rowFeatures(random, inputs),
  };
}

/** Value columns have one letter where expressions name them. */
const columnsIn = (sql: string): string[] => sql.replace(/'[^']*'/g, '').match(/\b[a-z]\b/g) ?? [];

/** Columns and expressions that a feature of the source may read. */
class RandomInputs {
  readonly columns: string[];
  readonly #random: Random;
  readonly #source: SourceDefinition;
  readonly #expressions: readonly (readonly [string, string])[];
  readonly #conditions: readonly string[];

  constructor(
    random: Random,
    source: SourceDefinition,
    expressions: readonly (readonly [string, string])[],
    conditions: readonly string[],
  ) {
    this.columns = Object.keys(source.columns).filter((column) => column in VALUE_COLUMNS);
    this.#random = random;
    this.#source = source;
    this.#expressions = expressions;
    this.#conditions = conditions;
  }

  deletedWhen(): { deletedWhen?: string } {
    const has = this.#conditions.length > 0 && this.#random.chance(0.3);
    return has ? { deletedWhen: this.#random.pick(this.#conditions) } : {};
  }

  /** Of one aggregate. */
  where(): { where?: string } {
    const has = this.#conditions.length > 0 && this.#random.chance(0.2);
    return has ? { where: this.#random.pick(this.#conditions) } : {};
  }

  typeOf(column: string): string {
    return this.#source.columns[column] ?? '';
  }

  expression(): { expression: string; type: string } | undefined {
    if (this.#expressions.length === 0) return undefined;
    const [expression, type] = this.#random.pick(this.#expressions);
    return { expression, type };
  }

  /** A column that maps can be keyed by; mostly null. */
  by(): string | null {
    const keys = this.columns.filter((column) => KEY_TYPES.includes(this.typeOf(column)));
    return keys.length > 0 && this.#random.chance(0.25) ? this.#random.pick(keys) : null;
  }

  /** Some that a struct can hold. */
  ofRow(): { columns: string[]; type: string } {
    const scalars = this.columns.filter((column) => !this.typeOf(column).includes('<'));
    const columns = this.#random.sample(scalars, this.#random.int(1, Math.min(3, scalars.length)));
    return { columns, type: `struct<${columns.map((name) => `${name}:${this.typeOf(name)}`).join(',')}>` };
  }

  /** For an aggregate: mostly a column. */
  any(): { column?: string; expression?: string; type: string } {
    const expression = this.#random.chance(0.2) ? this.expression() : undefined;
    const column = this.#random.pick(this.columns);
    return expression ?? { column, type: this.typeOf(column) };
  }
}

function rowFeatures(random: Random, inputs: RandomInputs): FeatureDefinition[] {
  const columns = random.sample(inputs.columns, random.int(1, 4));
  const features: FeatureDefinition[] = columns.map((name) => ({ name, type: inputs.typeOf(name) }));
  const expression = random.chance(0.5) ? inputs.expression() : undefined;
  if (expression) features.splice(random.int(0, features.length), 0, { name: 'made', ...expression });
  return features.map((feature) => ({ ...feature, ...randomDefault(random, feature.type ?? '') }));
}

const KEY_TYPES = ['string', 'bool', 'int32', 'int64', 'timestamp'];

type Grid = 'continuous' | 'scheduled' | 'label';

function aggregateFeatures(random: Random, scale: Scale, grid: Grid, inputs: RandomInputs) {
  const features: FeatureDefinition[] = [];
  const wanted = random.int(1, 6);
  for (let i = 0; features.length < wanted; i++) {
    const feature = aggregateFeature(random, `a${i}`, scale, grid, inputs);
    if (grid !== 'continuous' || hopsDivide([...features, feature])) features.push(feature);
  }
  return features;
}

function aggregateFeature(random: Random, name: string, scale: Scale, grid: Grid, inputs: RandomInputs) {
  const continuous = grid === 'continuous';
  const by = inputs.by();
  const { type, ...input } = by === null && random.chance(0.12) ? inputs.ofRow() : inputs.any();
  const choices = Object.entries(ORACLE).flatMap(([name, { takes, takesGap, result, weight = 3 }]) =>
    takes(type) && (by === null || (takesGap !== true && !result(type).startsWith('list')))
      ? new Array<string>(weight).fill(name)
      : [],
  );
  const aggregate = random.pick(choices);
  const { result, of, takesN, takesP, takesGap, needsBound } = oracleOf(aggregate);
  const mayBeUnbounded = grid !== 'label' && !(continuous && needsBound === true);
  const window = mayBeUnbounded && random.chance(0.12) ? 'unbounded' : random.pick(scale.windows);
  const isBackward = grid !== 'label' && window !== 'unbounded';
  const offset = isBackward && random.chance(0.2) ? { offset: random.pick(scale.offsets) } : {};
  const hop = continuous && window !== 'unbounded' && random.chance(0.3) ? { hop: random.pick(scale.hops) } : {};
  const hasNoNull = of([], type, 1).value !== null;
  return {
    name,
    aggregate,
    ...(takesN === true ? { n: random.int(1, 4) } : {}),
    ...(takesP === true ? { p: random.pick([0.01, 0.07, 0.5, 0.95]) } : {}),
    ...(takesGap === true ? { gap: random.pick([...scale.hops, ...scale.offsets]) } : {}),
    ...(takesGap === true || (aggregate === 'count' && random.chance(0.6)) ? {} : input),
    ...inputs.where(),
    ...(by === null ? {} : mapOf(random, by, result(type))),
    window,
    ...offset,
    ...hop,
    ...(hasNoNull || by !== null ? {} : randomDefault(random, result(type))),
  };
}

/** Of the order of keys alone nothing can be said where it is that of float totals. */
function mapOf(random: Random, by: string, valueType: string): Pick<FeatureDefinition, 'by' | 'top' | 'as'> {
  const top = random.chance(0.6) ? { top: random.int(1, 4) } : {};
  return { by, ...top, ...(valueType !== 'float64' && random.chance(0.25) ? { as: 'keys' } : {}) };
}

/** The hops of a continuous view divide one another, and none is longer than its window. */
function hopsDivide(features: readonly FeatureDefinition[]): boolean {
  const windowed = features.filter((feature) => feature.window !== 'unbounded');
  const hops = windowed.map(hopOf);
  const fits = windowed.every((feature) => hopOf(feature) <= hopOf({ name: '', hop: feature.window ?? '' }));
  return fits && hops.every((a) => hops.every((b) => a % b === 0n || b % a === 0n));
}

const DEFAULTS: Readonly<Record<string, Json>> = {
  int32: -1,
  int64: -1,
  float32: 0.5,
  float64: 0.5,
  string: 'none',
  bool: false,
  timestamp: '2000-01-01T00:00:00Z',
};

function randomDefault(random: Random, type: string): { default?: Json } {
  const value = DEFAULTS[type];
  return value !== undefined && random.chance(0.15) ? { default: value } : {};
}

/** Names every way: all, one by one, by list; and views in a second role, under renamed keys. */
export function randomService(random: Random, views: readonly ViewDefinition[], entities: readonly EntityDefinition[]) {
  const entries: ServiceEntry[] = [];
  for (const view of random.sample(views, views.length)) {
    const names = random.sample(view.features, random.int(1, view.features.length)).map((feature) => feature.name);
    const some = random.chance(0.5) ? ('*' as const) : names;
    const style = random.pick(['star', 'each', 'object', 'prefix']);
    if (style === 'star') entries.push(`${view.name}:*`);
    else if (style === 'each') entries.push(...names.map((name) => `${view.name}:${name}`));
    else entries.push({ view: view.name, features: some, ...(style === 'prefix' ? { prefix: `${view.name}p_` } : {}) });
    if (view.entities.length > 0 && random.chance(0.25)) {
      const keys = entities
        .filter((entity) => view.entities.includes(entity.name))
        .flatMap((entity) => entity.joinKeys);
      const renamed = random.sample(keys, random.int(1, keys.length)).map((key) => [key.name, `other_${key.name}`]);
      const joinKeys = Object.fromEntries(renamed) as Record<string, string>;
      entries.push({ view: view.name, features: some, joinKeys, prefix: `${view.name}o_` });
    }
  }
  return { name: 'svc', features: random.sample(entries, entries.length) };
}
