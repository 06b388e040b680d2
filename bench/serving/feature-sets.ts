// What lookups are measured on: sets of features over the same keys, each a view and a service of its name. `mixed` is what
// services usually have: money, counts and short strings; `floats` has random doubles, the longest numbers there are.
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { ScalarType } from '../../schemas/types.ts';

interface Column {
  readonly name: string;
  readonly type: ScalarType;
  /** SQL over a random double `r` from 0 to 1. */
  readonly sql: string;
}

const MIX: readonly Omit<Column, 'name'>[] = [
  { type: 'float64', sql: 'round(r * 1000, 2)' },
  { type: 'int64', sql: 'CAST(floor(r * 100000) AS BIGINT)' },
  { type: 'float64', sql: 'r' },
  { type: 'int64', sql: 'CAST(floor(r * 100) AS BIGINT)' },
  { type: 'string', sql: "concat('category-', CAST(floor(r * 1000) AS BIGINT))" },
];

const mix = (count: number): readonly Column[] =>
  Array.from({ length: count }, (_, i) => ({ name: `f${i}`, ...(MIX[i % MIX.length] as (typeof MIX)[0]) }));

const ENTITY_KEYS = { user: 'user_id', item: 'item_id' } as const;
export type EntityName = keyof typeof ENTITY_KEYS;

interface RowSet {
  readonly entity: EntityName;
  readonly columns: readonly Column[];
}

/** Views of one row per key. */
export const ROW_SETS: Readonly<Record<string, RowSet>> = {
  mixed: { entity: 'user', columns: mix(20) },
  floats: {
    entity: 'user',
    columns: Array.from({ length: 20 }, (_, i): Column => ({ name: `f${i}`, type: 'float64', sql: 'r' })),
  },
  fifty: { entity: 'user', columns: mix(50) },
  wide: { entity: 'user', columns: mix(200) },
  items: { entity: 'item', columns: mix(20) },
};

/** `mixed` again, its features dealt out to three views. */
const PARTS: Readonly<Record<string, readonly Column[]>> = Object.fromEntries(
  [0, 7, 14].map((from) => [`part${from}`, mix(20).slice(from, from + 7)]),
);

export const AGGREGATES = 'aggregates';
export const REFRESH = { every: '1h', delay: '0s' } as const;
const WINDOWS = ['6h', '1d', '7d', '30d'] as const;

/** Service → its views. */
export const SERVICES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries([...Object.keys(ROW_SETS), AGGREGATES].map((set) => [set, [set]])),
  three_views: Object.keys(PARTS),
  ranking: ['mixed', 'items'],
};

/** Files of sources: the rows of each row set, and the events that `aggregates` reads. */
export type DataFiles = Readonly<Record<string, string>>;

const fileOf = (view: string): string => (view in PARTS ? 'mixed' : view);

/** What some services need. */
export function definitions(services: readonly string[], files: DataFiles): DefinitionsInput {
  const views = [...new Set(services.flatMap(viewsOf))];
  const sources = [...new Set(views.map(fileOf))];
  return {
    entities: Object.entries(ENTITY_KEYS).map(([name, key]) => ({ name, joinKeys: [{ name: key, type: 'int64' }] })),
    sources: sources.map((name) => ({
      name,
      kind: 'batch',
      path: files[name] as string,
      format: 'parquet',
      timestampColumn: 'ts',
    })),
    featureViews: views.map((view) => (view === AGGREGATES ? aggregateView() : rowView(view))),
    featureServices: services.map((name) => ({ name, features: viewsOf(name).map((view) => `${view}:*`) })),
  };
}

/** Files that some services need. */
export const filesOf = (services: readonly string[]): readonly string[] => [
  ...new Set(services.flatMap(viewsOf).map(fileOf)),
];

const viewsOf = (service: string): readonly string[] => SERVICES[service] as readonly string[];

function rowView(name: string): NonNullable<DefinitionsInput['featureViews']>[number] {
  const { entity, columns } = ROW_SETS[name] ?? { entity: 'user' as const, columns: PARTS[name] ?? [] };
  const features = columns.map((column) => ({ name: column.name, type: column.type }));
  return { name, kind: 'row', entities: [entity], source: fileOf(name), features };
}

/** Scheduled, twenty features with defaults; half of the keys have no event at all. */
const aggregateView = (): NonNullable<DefinitionsInput['featureViews']>[number] => ({
  name: AGGREGATES,
  kind: 'aggregate',
  entities: ['user'],
  source: AGGREGATES,
  refresh: REFRESH,
  features: WINDOWS.flatMap((window) => [
    { name: `count_${window}`, aggregate: 'count' as const, window },
    ...(['sum', 'mean', 'max', 'last'] as const).map((aggregate) => ({
      name: `${aggregate}_${window}`,
      aggregate,
      column: 'amount',
      window,
      default: 0,
    })),
  ]),
});
