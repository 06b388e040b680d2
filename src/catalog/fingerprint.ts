// SHA-256 over everything that can change a view's values: a changed fingerprint means that the view is rebuilt.
// Descriptions, owners, tags, lateness and cron schedules are not in it, nor columns of the source that the view does not read.
import { createHash } from 'node:crypto';
import type { AggregateFeature, Entity, FeatureView, RowFeature, RowView, Source } from './catalog.ts';
import { encode } from './catalog-json.ts';

/** Grows when the meaning of definitions changes, so that everything is rebuilt. */
const SEMANTICS = 1;

export const viewFingerprint = (view: FeatureView, entities: readonly Entity[], source: Source): string =>
  sha256({ ...sharedValues(view, entities, source), features: [...featureValues(view).values()] });

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
    [...featureValues(view)].map(([name, feature]) => [name, sha256({ shared, feature }).slice(0, MEANING_DIGITS)]),
  );
}

/**
 * Equal for row views that tell rows of one event time and created time apart in the same way: by the values of all features,
 * in the order of their definition. A feature's meaning does not say it, as another feature of the view may change it.
 */
export const rowOrder = (view: RowView): string =>
  sha256(view.features.map(({ type, expression }) => ({ type, tree: expression.tree }))).slice(0, MEANING_DIGITS);

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
    row: view.kind === 'row' ? { strictlyBefore: view.strictlyBefore, ttlMicros: view.ttlMicros } : null,
  };
}

const featureValues = (view: FeatureView): ReadonlyMap<string, object> =>
  new Map<string, object>(
    view.kind === 'row'
      ? view.features.map((feature) => [feature.name, rowValues(feature)])
      : view.features.map((feature) => [feature.name, aggregateValues(feature)]),
  );

function sourceValues(source: Source) {
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
  };
}

const rowValues = ({ name, type, expression, default: byDefault }: RowFeature) => ({
  name,
  type,
  tree: expression.tree,
  default: byDefault,
});

const aggregateValues = (feature: AggregateFeature) => {
  const { name, type, aggregate, input, n, p, windowMicros, hopMicros } = feature;
  return { name, type, aggregate, tree: input?.tree ?? null, n, p, windowMicros, hopMicros, default: feature.default };
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
