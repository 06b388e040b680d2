// SHA-256 over everything that can change a view's values: a changed fingerprint means that the view is rebuilt.
// Descriptions, owners, tags, lateness and cron schedules are not in it, nor columns of the source that the view does not read.
import { createHash } from 'node:crypto';
import type { AggregateFeature, Entity, FeatureView, History, RowFeature, RowView, Source } from './catalog.ts';
import { encode } from './catalog-json.ts';
import type { Expression } from './expression.ts';
import { columnsIn } from './expression-columns.ts';

/** Grows when the meaning of definitions changes, so that everything is rebuilt. */
const SEMANTICS = 1;

export const viewFingerprint = (view: FeatureView, entities: readonly Entity[], source: Source): string =>
  sha256({ ...sharedValues(view, entities, source), features: [...featureValues(view, source).values()] });

/** 64 bits: what is compared is one feature with its own past. The serving state has one for each feature, which lookups read. */
const MEANING_DIGITS = 16;

/**
 * Feature → the first 16 digits of the SHA-256 over everything that can change its values: what it says itself, and what it
 * shares with the other features of its view, but not those: a view keeps the meaning of its features when it gets
 * another one.
 */
export function featureMeanings(
  view: FeatureView,
  entities: readonly Entity[],
  source: Source,
): ReadonlyMap<string, string> {
  const shared = sha256(sharedValues(view, entities, source));
  return new Map(
    [...featureValues(view, source)].map(([name, feature]) => [
      name,
      sha256({ shared, feature }).slice(0, MEANING_DIGITS),
    ]),
  );
}

const ROW_ORDERS = new WeakMap<FeatureView, ReadonlyMap<string, string>>();

/**
 * Feature of a row view → how the row is chosen that it is read from, among rows of one event time and created time: by the
 * values of all features, in the order of their definition. A feature's meaning does not say it. Features behind it choose
 * only among rows that have its value, so they are not in it, unless one that is can fail: what failed and what is null
 * compare alike, and read differently. Empty for other views.
 */
export function rowOrders(view: FeatureView): ReadonlyMap<string, string> {
  const known = ROW_ORDERS.get(view);
  if (known !== undefined) return known;
  const orders = view.kind === 'row' ? ordersOf(view) : new Map<string, string>();
  ROW_ORDERS.set(view, orders);
  return orders;
}

function ordersOf({ features, deletedWhen }: RowView): ReadonlyMap<string, string> {
  const compared = features.map(({ type, expression }) => ({ type, tree: expression.tree }));
  // Whether the chosen row deletes the key depends on all that choose it.
  const firstFailing = deletedWhen === undefined ? features.findIndex(({ expression }) => expression.canFail) : 0;
  const countOf = (index: number): number => (firstFailing >= 0 && firstFailing <= index ? features.length : index + 1);
  return new Map(
    features.map(({ name }, index) => [name, sha256(compared.slice(0, countOf(index))).slice(0, MEANING_DIGITS)]),
  );
}

function sharedValues(view: FeatureView, entities: readonly Entity[], source: Source) {
  const { kind, joinKeys, where, refresh, visibleFrom } = view;
  return {
    semantics: SEMANTICS,
    kind,
    entities: entities.map((entity) => [entity.name, ...entity.joinKeys.map(({ name, type }) => ({ name, type }))]),
    joinKeys,
    joinKeyTypes: joinKeys.map(({ column }) => source.columns.get(column) ?? null),
    source: sourceValues(source),
    where: where?.tree ?? null,
    refresh,
    visibleFrom,
    row: view.kind === 'row' ? ofRowView(view) : null,
    ...historyTypes(source, [
      ...joinKeys.map(({ column }) => column),
      ...columnsOf([where, view.kind === 'row' ? view.deletedWhen : null]),
    ]),
  };
}

/** What the history of a stream has of columns: a narrower type may read as other values, and an absent column is null. */
function historyTypes({ stream }: Source, columns: readonly string[]): object {
  if (stream === undefined || stream.history === null) return {};
  const { source } = stream.history;
  return { history: Object.fromEntries(columns.map((name) => [name, source.columns.get(name) ?? null])) };
}

const columnsOf = (expressions: readonly (Expression | null | undefined)[]): readonly string[] =>
  expressions.flatMap((expression) => (expression == null ? [] : columnsIn(expression.tree)));

const ofRowView = ({ strictlyBefore, ttlMicros, deletedWhen }: RowView): object => ({
  ...{ strictlyBefore, ttlMicros },
  // Only what is declared, so that definitions from before keep their fingerprints.
  ...(deletedWhen === undefined ? {} : { deletedWhen: deletedWhen.tree }),
});

const featureValues = (view: FeatureView, source: Source): ReadonlyMap<string, object> =>
  new Map<string, object>(
    view.kind === 'row'
      ? view.features.map((feature) => [
          feature.name,
          { ...rowValues(feature), ...historyTypes(source, columnsOf([feature.expression])) },
        ])
      : view.features.map((feature) => [
          feature.name,
          {
            ...aggregateValues(feature),
            ...historyTypes(source, columnsOf([feature.input, feature.where, feature.by?.input])),
          },
        ]),
  );

/** Of a stream not what it does with events that do not count. */
function sourceValues(source: Source): object {
  const { kind, path, format, timestampColumn, timestampUnit, createdTimestampColumn, createdTimestampUnit } = source;
  const timeTypes = [timestampColumn, createdTimestampColumn].map((name) =>
    name === null ? null : (source.columns.get(name) ?? null),
  );
  return {
    kind,
    path,
    format,
    timestampColumn,
    timestampUnit,
    createdTimestampColumn,
    createdTimestampUnit,
    timeTypes,
    ...(source.csv === undefined ? {} : { csv: source.csv }),
    ...(source.partitionColumns === undefined ? {} : { partitionColumns: source.partitionColumns }),
    ...(source.stream?.history == null ? {} : { history: historyValues(source.stream.history) }),
  };
}

const historyValues = ({ untilMicros, source }: History): object => ({ untilMicros, ...sourceValues(source) });

const rowValues = ({ name, type, expression, default: byDefault }: RowFeature) => ({
  name,
  type,
  tree: expression.tree,
  default: byDefault,
});

const aggregateValues = (feature: AggregateFeature) => {
  const { name, type, aggregate, input, where, by, n, p, gapMicros, windowMicros, offsetMicros, hopMicros } = feature;
  return {
    ...{ name, type, aggregate, tree: input?.tree ?? null, n, p, windowMicros, hopMicros, default: feature.default },
    // Only what is declared, so that definitions from before keep their fingerprints.
    ...(where === undefined ? {} : { where: where.tree }),
    ...(offsetMicros === undefined ? {} : { offsetMicros }),
    ...(gapMicros === undefined ? {} : { gapMicros }),
    ...(by === undefined ? {} : { by: { tree: by.input.tree, top: by.top, asKeys: by.asKeys } }),
  };
};

/** Of the value's canonical JSON: keys sorted, so that it does not depend on how the object was built. */
export const sha256 = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sortKeys(encode(value))))
    .digest('hex');

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
