// Resolved definitions, back as they are written: those of one feature, and of all that it needs.
import type { DataType } from '../../../schemas/types.ts';
import type { AggregateView, ByKeys, RowView, ServableView, Source } from '../../catalog/catalog.ts';
import { columnsOfRow, type Expression } from '../../catalog/expression.ts';
import { formatDuration } from '../../instant.ts';
import type { Json, JsonObject } from '../../lossless-json.ts';
import { caseValue } from './case-value.ts';
import type { ServedView } from './served-view.ts';

const SERVICE = 'explained';

/** `output`: what the service calls the feature. The source reads JSON Lines, `data/<source>.jsonl`. */
export function definitionsFor(
  { catalog, view, source, columns }: ServedView,
  feature: string,
): { readonly definitions: JsonObject; readonly service: string; readonly output: string } {
  const entities = view.entities.map((name) => ({
    name,
    joinKeys: (catalog.entities.get(name)?.joinKeys ?? []).map((key) => ({ name: key.name, type: key.type })),
  }));
  const definitions = {
    entities,
    sources: [sourceDefinition(source, columns)],
    featureViews: [viewDefinition(view, source)],
    featureServices: [{ name: SERVICE, features: [`${view.name}:${feature}`] }],
  };
  return { definitions, service: SERVICE, output: `${view.name}__${feature}` };
}

function sourceDefinition(source: Source, used: readonly string[]): JsonObject {
  const { name, timestampColumn, timestampUnit, createdTimestampColumn, createdTimestampUnit } = source;
  return {
    ...{ name, kind: 'batch', path: `data/${name}.jsonl`, format: 'jsonl', timestampColumn },
    ...given('timestampUnit', timestampUnit),
    ...given('createdTimestampColumn', createdTimestampColumn),
    ...given('createdTimestampUnit', createdTimestampUnit),
    columns: Object.fromEntries(used.map((column) => [column, source.columns.get(column) as DataType])),
  };
}

const given = (name: string, value: Json): JsonObject => (value === null ? {} : { [name]: value });

function viewDefinition(view: ServableView, source: Source): JsonObject {
  const { name, kind, entities, where, refresh, visibleFrom, joinKeys } = view;
  const renamed = joinKeys.filter((key) => key.column !== key.name);
  return {
    ...{ name, kind, entities: [...entities], source: source.name, visibleFrom },
    ...(renamed.length === 0
      ? {}
      : { joinKeyColumns: Object.fromEntries(renamed.map((key) => [key.name, key.column])) }),
    ...given('where', where?.sql ?? null),
    ...(refresh === null
      ? {}
      : { refresh: { every: formatDuration(refresh.everyMicros), delay: formatDuration(refresh.delayMicros) } }),
    ...(view.kind === 'row' ? rowFields(view, source) : aggregateFields(view, source)),
  };
}

/** All features: they order rows that tie. */
const rowFields = (
  { ttlMicros, strictlyBefore, latenessMicros, deletedWhen, features }: RowView,
  source: Source,
): JsonObject => ({
  ...given('deletedWhen', deletedWhen?.sql ?? null),
  ...given('ttl', ttlMicros === null ? null : formatDuration(ttlMicros)),
  ...{ strictlyBefore, lateness: formatDuration(latenessMicros) },
  features: features.map((feature) => ({
    ...{ name: feature.name, type: feature.type },
    ...inputFields(feature.expression, source),
    ...given('default', caseValue(feature.type, feature.default)),
  })),
});

/** All features: a row in the window of any of them makes the key found. */
const aggregateFields = ({ features, refresh }: AggregateView, source: Source): JsonObject => ({
  features: features.map((feature) => ({
    ...{ name: feature.name, aggregate: feature.aggregate },
    ...(feature.input === null ? {} : inputFields(feature.input, source)),
    ...given('where', feature.where?.sql ?? null),
    window: feature.windowMicros === null ? 'unbounded' : formatDuration(feature.windowMicros),
    ...given('offset', feature.offsetMicros === undefined ? null : formatDuration(feature.offsetMicros)),
    ...given('hop', refresh !== null || feature.hopMicros === null ? null : formatDuration(feature.hopMicros)),
    ...given('n', feature.n),
    ...given('p', feature.p),
    ...given('gap', feature.gapMicros === undefined ? null : formatDuration(feature.gapMicros)),
    ...(feature.by === undefined ? {} : mapFields(feature.by)),
    ...given('default', caseValue(feature.type, feature.default)),
  })),
});

const mapFields = ({ input, top, asKeys }: ByKeys): JsonObject => ({
  by: input.sql,
  ...given('top', top),
  ...given('as', asKeys ? 'keys' : null),
});

/** `sql` of a plain column is the column's name. */
function inputFields(input: Expression, source: Source): JsonObject {
  const columns = columnsOfRow(input);
  if (columns !== null) return { columns: [...columns] };
  return source.columns.has(input.sql) ? { column: input.sql } : { expression: input.sql };
}
