// Resolved objects in the words of definitions, as plain JSON: for `describe`, `list`, the HTTP registry and the diff.
import type { Value } from '../../schemas/types.ts';
import { formatDuration, formatInstant } from '../instant.ts';
import type {
  AggregateFeature,
  Catalog,
  Documented,
  Entity,
  FeatureService,
  FeatureView,
  RowFeature,
  Source,
  StreamRules,
} from './catalog.ts';
import type { Json } from './catalog-json.ts';
import { columnsOfRow, type Expression } from './expression.ts';

export type Description = { readonly [key: string]: Json };

/** Keys without a value are left out. */
const withoutNulls = (description: Description): Description =>
  Object.fromEntries(Object.entries(description).filter(([, value]) => value !== null));

const documentation = ({ description, owner, tags }: Documented): Description => ({
  description,
  owner,
  tags: Object.keys(tags).length === 0 ? null : tags,
});

const duration = (micros: bigint | null): string | null => (micros === null ? null : formatDuration(micros));

export const describeEntity = (entity: Entity): Description =>
  withoutNulls({
    name: entity.name,
    joinKeys: entity.joinKeys.map(({ name, type }) => ({ name, type })),
    ...documentation(entity),
  });

export const describeSource = (source: Source): Description =>
  withoutNulls({
    name: source.name,
    kind: source.kind,
    ...(source.stream === undefined ? describeFiles(source) : describeStream(source, source.stream)),
    ...documentation(source),
  });

const describeFiles = (source: Source): Description => ({
  path: source.path,
  format: source.format,
  timestampColumn: source.timestampColumn,
  timestampUnit: source.timestampUnit,
  createdTimestampColumn: source.createdTimestampColumn,
  createdTimestampUnit: source.createdTimestampUnit,
  columns: Object.fromEntries([...source.columns].filter(([name]) => source.partitionColumns?.has(name) !== true)),
  partitionColumns: describePartitions(source),
  ...(source.csv ?? {}),
});

function describeStream(
  { timestampColumn, timestampUnit, columns }: Source,
  { eventIdColumn, history, maxFutureMicros, deadLettersMicros }: StreamRules,
): Description {
  const files = history === null ? null : withoutNulls(describeFiles(history.source));
  return {
    timestampColumn,
    timestampUnit,
    eventIdColumn,
    columns: Object.fromEntries(columns),
    history: history === null ? null : { ...files, until: formatInstant(history.untilMicros) },
    maxFuture: duration(maxFutureMicros),
    deadLetters: duration(deadLettersMicros),
  };
}

function describePartitions({ partitionColumns }: Source): Json {
  if (partitionColumns === undefined) return null;
  const entries = [...partitionColumns].map(([name, { type, bounds }]) => [
    name,
    bounds === null ? type : { type, bounds },
  ]);
  return Object.fromEntries(entries) as Json;
}

export function describeView(view: FeatureView): Description {
  const { refresh } = view;
  return withoutNulls({
    name: view.name,
    kind: view.kind,
    entities: view.entities,
    source: view.source,
    joinKeyColumns: Object.fromEntries(view.joinKeys.map(({ name, column }) => [name, column])),
    where: view.where?.sql ?? null,
    refresh: refresh && { every: duration(refresh.everyMicros), delay: duration(refresh.delayMicros) },
    schedule: view.schedule ?? null,
    catchUp: view.catchUp ?? null,
    visibleFrom: view.visibleFrom,
    online: view.online ?? null,
    ...(view.kind === 'row' ? describeRow(view) : {}),
    features: view.kind === 'row' ? view.features.map(describeRowFeature) : view.features.map(describeAggregateFeature),
    ...documentation(view),
  });
}

const describeRow = (view: Extract<FeatureView, { kind: 'row' }>): Description => ({
  ttl: duration(view.ttlMicros),
  lateness: duration(view.latenessMicros),
  strictlyBefore: view.strictlyBefore,
  deletedWhen: view.deletedWhen?.sql ?? null,
});

const describeRowFeature = (feature: RowFeature): Description =>
  withoutNulls({
    name: feature.name,
    type: feature.type,
    expression: feature.expression.sql,
    default: describeValue(feature.default, feature.type),
    ...documentation(feature),
  });

const describeAggregateFeature = (feature: AggregateFeature): Description =>
  withoutNulls({
    name: feature.name,
    type: feature.type,
    aggregate: feature.aggregate,
    ...describeInput(feature.input),
    where: feature.where?.sql ?? null,
    by: feature.by?.input.sql ?? null,
    top: feature.by?.top ?? null,
    as: feature.by?.asKeys === true ? 'keys' : null,
    n: feature.n,
    p: feature.p,
    gap: duration(feature.gapMicros ?? null),
    window: duration(feature.windowMicros) ?? 'unbounded',
    offset: duration(feature.offsetMicros ?? null),
    hop: duration(feature.hopMicros),
    default: describeValue(feature.default, feature.type),
    ...documentation(feature),
  });

function describeInput(input: Expression | null): Description {
  const columns = input === null ? null : columnsOfRow(input);
  return columns === null ? { expression: input?.sql ?? null } : { columns };
}

/** As a definition would write it: int64 as a number where a double holds it, else as digits. */
function describeValue(value: Value, type: string): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') {
    if (type === 'timestamp' || type === 'list<timestamp>') return formatInstant(value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  }
  return typeof value === 'object' && value !== null ? value.map((item) => describeValue(item, type)) : value;
}

/** Features by output name, with what each reads. */
const describeService = (service: FeatureService, { serviceVersions }: Catalog): Description =>
  withoutNulls({
    name: service.name,
    version: serviceVersions?.get(service.name)?.version ?? null,
    features: service.features.map(({ name, view, feature, readAs }) => ({
      name,
      feature: `${view}:${feature}`,
      readAs,
    })),
    ...documentation(service),
  });

export const OBJECT_DESCRIPTIONS = {
  entity: (catalog: Catalog) => describeAll(catalog.entities, describeEntity),
  source: (catalog: Catalog) => describeAll(catalog.sources, describeSource),
  'feature view': (catalog: Catalog) => describeAll(catalog.views, describeView),
  'feature service': (catalog: Catalog) =>
    describeAll(catalog.services, (service) => describeService(service, catalog)),
} as const;

/** Of one kind, every object of the catalog by name. */
const describeAll = <T>(
  objects: ReadonlyMap<string, T>,
  describe: (object: T) => Description,
): ReadonlyMap<string, Description> => new Map([...objects].map(([name, object]) => [name, describe(object)]));
