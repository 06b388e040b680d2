// The shape of a world: definitions as in a definition file, tables, labels and steps as in a conformance case.
import type { Json } from './values.ts';

export interface EntityDefinition {
  readonly name: string;
  readonly joinKeys: readonly { readonly name: string; readonly type: string }[];
}
export interface SourceDefinition {
  readonly name: string;
  readonly kind: 'batch';
  readonly path: string;
  readonly format: 'jsonl';
  readonly timestampColumn: string;
  readonly timestampUnit?: 's' | 'ms' | 'us';
  readonly createdTimestampColumn?: string;
  readonly columns: Readonly<Record<string, string>>;
}
export interface FeatureDefinition {
  readonly name: string;
  readonly type?: string; // row views
  readonly aggregate?: string; // aggregate views, with window
  readonly window?: string;
  readonly offset?: string;
  readonly hop?: string;
  readonly n?: number;
  readonly p?: number;
  readonly gap?: string; // of sessions
  readonly column?: string;
  readonly expression?: string;
  readonly columns?: readonly string[]; // of first_row and last_row
  readonly by?: string;
  readonly top?: number;
  readonly as?: 'keys';
  readonly where?: string; // of an aggregate, besides the view's
  readonly default?: Json;
}
export interface ViewDefinition {
  readonly name: string;
  readonly kind: 'row' | 'aggregate' | 'label';
  readonly entities: readonly string[];
  readonly source: string;
  readonly where?: string;
  readonly refresh?: { readonly every: string; readonly delay?: string };
  readonly ttl?: string;
  readonly lateness?: string;
  readonly visibleFrom?: 'event_time' | 'created_time';
  readonly strictlyBefore?: boolean;
  readonly deletedWhen?: string;
  readonly joinKeyColumns?: Readonly<Record<string, string>>;
  readonly features: readonly FeatureDefinition[];
}
export type ServiceEntry =
  | string
  | {
      readonly view: string;
      readonly features: '*' | readonly string[];
      readonly joinKeys?: Readonly<Record<string, string>>;
      readonly prefix?: string;
    };
export interface Definitions {
  readonly entities: readonly EntityDefinition[];
  readonly sources: readonly SourceDefinition[];
  readonly featureViews: readonly ViewDefinition[];
  readonly featureServices: readonly { readonly name: string; readonly features: readonly ServiceEntry[] }[];
}

export type JsonRow = readonly Json[];
export interface Table {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: readonly JsonRow[];
}
/** `append` grows tables, then `materialize --until`; then `entities` are looked up at `at`. */
export interface OnlineStep {
  readonly append?: Readonly<Record<string, readonly JsonRow[]>>;
  readonly until: string;
  readonly at: string;
  readonly entities: readonly Readonly<Record<string, Json>>[];
}
export interface World {
  readonly name: string;
  readonly level: number;
  readonly definitions: Definitions;
  readonly tables: Readonly<Record<string, Table>>;
  readonly service: string;
  readonly labels: Table & { readonly timestampColumn: string };
  readonly online?: readonly OnlineStep[];
  /** When the training set is built, which labels mature by; absent: all are mature. */
  readonly builtAt?: string;
}

/** A world with what must come out of it. */
export interface ConformanceCase extends World {
  readonly expected: { readonly error?: boolean; readonly columns: string[]; readonly rows: Json[][] };
  readonly online?: readonly (OnlineStep & { readonly rows: Json[][]; readonly statuses: string[][] })[];
}

/** The item of that name; a world that names what it does not define is a mistake of the test. */
export function named<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  const found = items.find((item) => item.name === name);
  if (!found) throw new Error(`the world does not define ${name}`);
  return found;
}

/** The item at i, which must be there. */
export function itemAt<T>(items: readonly T[], i: number): T {
  if (i < 0 || i >= items.length) throw new RangeError(`no item ${i} of ${items.length}`);
  return items[i] as T;
}

export interface ServiceFeature {
  readonly view: ViewDefinition;
  readonly feature: FeatureDefinition;
  readonly index: number; // of the feature in its view
  readonly output: string;
  readonly keyColumns: readonly { readonly name: string; readonly type: string }[]; // of labels and lookups
}

/** The service's features in service order; `*` is definition order. */
export function serviceFeatures(world: World): ServiceFeature[] {
  const { definitions } = world;
  return named(definitions.featureServices, world.service).features.flatMap((entry) => {
    const [viewName = '', featureName = ''] = typeof entry === 'string' ? entry.split(':') : [entry.view];
    const { features, prefix, joinKeys } = typeof entry === 'string' ? shortEntry(featureName) : entry;
    const view = named(definitions.featureViews, viewName);
    const chosen = features === '*' ? view.features : features.map((name) => named(view.features, name));
    const keyColumns = joinKeysOf(world, view).map(({ name, type }) => ({ name: joinKeys?.[name] ?? name, type }));
    return chosen.map((feature) => {
      const output = prefix === undefined ? `${view.name}__${feature.name}` : `${prefix}${feature.name}`;
      return { view, feature, index: view.features.indexOf(feature), output, keyColumns };
    });
  });
}

/** Of lookups: no labels. */
export const servedFeatures = (world: World): ServiceFeature[] =>
  serviceFeatures(world).filter(({ view }) => view.kind !== 'label');

const shortEntry = (feature: string): Exclude<ServiceEntry, string> => ({
  view: '',
  features: feature === '*' ? '*' : [feature],
});

export const joinKeysOf = (world: World, view: ViewDefinition) =>
  view.entities.flatMap((entity) => named(world.definitions.entities, entity).joinKeys);
