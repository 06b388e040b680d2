// Feature views: entities, source, time semantics and features, resolved and checked against one another.
import type {
  AggregateViewDefinition,
  FeatureViewDefinition,
  LabelViewDefinition,
  RowViewDefinition,
} from '../../schemas/definitions.ts';
import type { AggregateView, Entity, FeatureView, LabelView, Refresh, RowView } from '../catalog/catalog.ts';
import { featureMeanings, viewFingerprint } from '../catalog/fingerprint.ts';
import { show } from '../contract-mistakes.ts';
import { EXPECTED_CRON, isCron } from '../cron.ts';
import type { CompiledExpressions } from './compile-expressions.ts';
import { at, type Mistakes } from './mistakes.ts';
import type { Parsed } from './parse-definitions.ts';
import { checkHops, resolveAggregateFeature } from './resolve-aggregate-features.ts';
import { documented, durationMicros } from './resolve-fields.ts';
import { resolveCondition } from './resolve-inputs.ts';
import { resolveJoinKeys } from './resolve-join-keys.ts';
import { resolveRowFeature } from './resolve-row-features.ts';
import type { ResolvedSource } from './resolve-sources.ts';
import { find, type Scope } from './scope.ts';

export interface ViewScope {
  readonly entities: Scope<Entity>;
  readonly sources: Scope<ResolvedSource>;
  readonly compiled: CompiledExpressions;
}

/** Null where its source or an entity has a mistake; otherwise the view, with its sound features. */
export function resolveView(
  parsed: Parsed<FeatureViewDefinition>,
  scope: ViewScope,
  mistakes: Mistakes,
): FeatureView | null {
  const { value, place } = parsed;
  const entities = value.entities.map((name, i) => find(scope.entities, name, at(place, 'entities', i), mistakes));
  const source = find(scope.sources, value.source, at(place, 'source'), mistakes);
  const known = entities.filter((entity) => entity !== null);
  refuseTakenNames(parsed, known, mistakes);
  if (source === null || known.length < entities.length) return null;
  const base = resolveBase(parsed, known, source, scope.compiled, mistakes);
  const view = resolveOfKind(parsed, base, source, scope.compiled, mistakes);
  return {
    ...withMeanings(view, featureMeanings(view, known, source)),
    fingerprint: viewFingerprint(view, known, source),
  };
}

function resolveOfKind(
  { value, ...parsed }: Parsed<FeatureViewDefinition>,
  base: ViewBase,
  source: ResolvedSource,
  compiled: CompiledExpressions,
  mistakes: Mistakes,
): FeatureView {
  switch (value.kind) {
    case 'row':
      return resolveRowView({ ...parsed, value }, base, source, compiled, mistakes);
    case 'aggregate':
      return resolveAggregateView({ ...parsed, value }, base, source, compiled, mistakes);
    case 'label':
      return resolveLabelView({ ...parsed, value }, base, source, compiled, mistakes);
  }
}

const withMeanings = (view: FeatureView, meanings: ReadonlyMap<string, string>): FeatureView =>
  ({
    ...view,
    features: view.features.map((feature) => ({ ...feature, meaning: meanings.get(feature.name) as string })),
  }) as FeatureView;

/** A view's rows are kept as columns: the join keys, `__event_time` and the like, and the features. */
function refuseTakenNames(
  { value, featurePlaces, place }: Parsed<FeatureViewDefinition>,
  entities: readonly Entity[],
  mistakes: Mistakes,
): void {
  const keys = new Set(entities.flatMap(({ joinKeys }) => joinKeys.map(({ name }) => name.toLowerCase())));
  const seen = new Set<string>();
  for (const [i, { name }] of value.features.entries()) {
    const where = at(featurePlaces[i] ?? place, 'name');
    if (seen.has(name.toLowerCase())) mistakes.add(where, show(name), 'every feature name once in a view');
    if (keys.has(name.toLowerCase())) mistakes.add(where, show(name), 'a name other than those of the join keys');
    if (name.startsWith('__')) mistakes.add(where, show(name), 'a name that does not start with __');
    seen.add(name.toLowerCase());
  }
}

type ViewBase = Omit<RowView, 'kind' | 'strictlyBefore' | 'ttlMicros' | 'latenessMicros' | 'features'>;

function resolveBase(
  parsed: Parsed<FeatureViewDefinition>,
  entities: readonly Entity[],
  source: ResolvedSource,
  compiled: CompiledExpressions,
  mistakes: Mistakes,
): ViewBase {
  const { value, place } = parsed;
  const visibleFrom = value.visibleFrom ?? 'event_time';
  if (visibleFrom === 'created_time' && source.createdTimestampColumn === null) {
    const expected = `event_time, or a createdTimestampColumn in source ${source.name}`;
    mistakes.add(at(place, 'visibleFrom'), show(visibleFrom), expected);
  }
  return {
    name: value.name,
    entities: value.entities,
    joinKeys: resolveJoinKeys(parsed, entities, source, mistakes),
    source: source.name,
    where: resolveCondition(value.where, { source, compiled }, at(place, 'where'), mistakes),
    ...(value.kind === 'label' ? { refresh: null } : resolveTiming({ ...parsed, value }, source, mistakes)),
    visibleFrom,
    // That a label is never online is what it is, not what it says.
    ...(value.online === false && value.kind !== 'label' ? { online: false } : {}),
    fingerprint: '',
    ...documented(value),
  };
}

type ServableDefinition = Exclude<FeatureViewDefinition, { readonly kind: 'label' }>;

const resolveTiming = (parsed: Parsed<ServableDefinition>, source: ResolvedSource, mistakes: Mistakes) => ({
  refresh: resolveRefresh(parsed, mistakes),
  ...resolveSchedule(parsed, source, mistakes),
});

function resolveRefresh({ value, place }: Parsed<ServableDefinition>, mistakes: Mistakes): Refresh | null {
  if (value.refresh === undefined) return null;
  const everyMicros = durationMicros(value.refresh.every, at(place, 'refresh', 'every'), mistakes);
  const delayMicros = durationMicros(value.refresh.delay ?? '0s', at(place, 'refresh', 'delay'), mistakes);
  return { everyMicros: everyMicros ?? 1n, delayMicros: delayMicros ?? 0n };
}

function resolveSchedule(
  { value, place }: Parsed<ServableDefinition>,
  source: ResolvedSource,
  mistakes: Mistakes,
): Pick<FeatureView, 'schedule' | 'catchUp'> {
  const { schedule, refresh, catchUp, online } = value;
  if (schedule !== undefined && refresh !== undefined)
    mistakes.add(at(place, 'schedule'), show(schedule), 'no schedule beside refresh, which says when the view is run');
  else if (schedule !== undefined && online === false)
    mistakes.add(
      at(place, 'schedule'),
      show(schedule),
      'no schedule beside `online: false`, as such a view is never run',
    );
  else if (schedule !== undefined && source.kind === 'stream')
    mistakes.add(
      at(place, 'schedule'),
      show(schedule),
      `no schedule: a continuous view follows the events of the stream ${source.name} by itself`,
    );
  else if (schedule !== undefined && !isCron(schedule))
    mistakes.add(at(place, 'schedule'), show(schedule), EXPECTED_CRON);
  if (catchUp !== undefined && schedule === undefined && refresh === undefined)
    mistakes.add(at(place, 'catchUp'), show(catchUp), 'refresh or schedule beside it');
  return { ...(schedule === undefined ? {} : { schedule }), ...(catchUp === 'each' ? { catchUp } : {}) };
}

function resolveRowView(
  parsed: Parsed<RowViewDefinition>,
  base: ViewBase,
  source: ResolvedSource,
  compiled: CompiledExpressions,
  mistakes: Mistakes,
): RowView {
  const { value, place, featurePlaces } = parsed;
  const features = value.features.map((feature, i) =>
    resolveRowFeature(feature, { source, compiled }, featurePlaces[i] ?? place, mistakes),
  );
  const deletedWhen = resolveCondition(value.deletedWhen, { source, compiled }, at(place, 'deletedWhen'), mistakes);
  return {
    kind: 'row',
    ...base,
    strictlyBefore: value.strictlyBefore ?? false,
    ttlMicros: value.ttl === undefined ? null : durationMicros(value.ttl, at(place, 'ttl'), mistakes),
    latenessMicros: durationMicros(value.lateness ?? '24h', at(place, 'lateness'), mistakes) ?? 0n,
    ...(deletedWhen === null ? {} : { deletedWhen }),
    features: features.filter((feature) => feature !== null),
  };
}

function resolveAggregateView(
  parsed: Parsed<AggregateViewDefinition>,
  base: ViewBase,
  source: ResolvedSource,
  compiled: CompiledExpressions,
  mistakes: Mistakes,
): AggregateView {
  const scope = { source, compiled, isContinuous: base.refresh === null };
  const features = parsed.value.features.flatMap((definition, i) => {
    const place = parsed.featurePlaces[i] ?? parsed.place;
    const feature = resolveAggregateFeature(definition, scope, place, mistakes);
    return feature === null ? [] : [{ feature, place }];
  });
  checkHops(features, mistakes);
  return { kind: 'aggregate', ...base, features: features.map(({ feature }) => feature) };
}

function resolveLabelView(
  parsed: Parsed<LabelViewDefinition>,
  base: ViewBase,
  source: ResolvedSource,
  compiled: CompiledExpressions,
  mistakes: Mistakes,
): LabelView {
  // Without a grid, as in scheduled views.
  const scope = { source, compiled, isContinuous: false };
  const features = parsed.value.features.flatMap((definition, i) => {
    const feature = resolveAggregateFeature(definition, scope, parsed.featurePlaces[i] ?? parsed.place, mistakes);
    if (feature === null || feature.windowMicros === null) return [];
    return [{ ...feature, windowMicros: feature.windowMicros, hopMicros: null }];
  });
  return { kind: 'label', ...base, features };
}
